-- A launcher session: alive while its key lives. The facts about it stand in its seat, which does
-- not expire with the key: a launcher that comes back after an outage keeps its session.

local launcher = {}

-- The launcher's member of the set of deadlines. It names cafe and PC, so that nothing is read to
-- find them.
function launcher.member(id, cafe_id, pc_id)
  return id .. '|' .. cafe_id .. '|' .. pc_id
end

-- When the launcher's life ends or has ended. Holds of a game count where it is played.
function launcher.life(p, l, game_id)
  local ends = redis.call('ZSCORE', partition.key(p, KEY.due), launcher.member(l.id, l.cafe, l.pc))
  return hold.life(p, l.cafe, game_id, tonumber(ends or p.now), SETTING.launcher_ttl)
end

-- Whether the launcher lives: its key does, or a hold prolongs its life.
function launcher.is_alive(p, l, game_id)
  if redis.call('EXISTS', partition.key(p, KEY.launcher, l.id)) == 1 then
    return true
  end
  return #p.holds > 0 and p.now < launcher.life(p, l, game_id)
end

-- The game that is played on the launcher's PC, or ''. It only matters to holds.
local function game_on(p, l)
  if #p.holds == 0 then
    return ''
  end
  local _, id = pc.load(p, l.cafe, l.pc)
  return id and redis.call('HGET', partition.key(p, KEY.meter, id), 'game') or ''
end

-- The launcher's cafe, PC and address, or nil when it is not alive.
function launcher.load(p, id)
  local row = redis.call('HMGET', partition.key(p, KEY.seat, id), 'cafe', 'pc', 'ip')
  if not row[1] then
    return nil
  end
  local l = { id = id, cafe = row[1], pc = row[2], ip = row[3] }
  return launcher.is_alive(p, l, game_on(p, l)) and l or nil
end

-- Renews the launcher's life.
function launcher.renew(p, l)
  redis.call('SET', partition.key(p, KEY.launcher, l.id), '1', 'PX', SETTING.launcher_ttl)
  redis.call('ZADD', partition.key(p, KEY.due), int(p.now + SETTING.launcher_ttl),
    launcher.member(l.id, l.cafe, l.pc))
end

-- Removes every trace of a launcher session; its game session must be closed by then.
function launcher.remove(p, l, account)
  redis.call('DEL', partition.key(p, KEY.launcher, l.id), partition.key(p, KEY.seat, l.id))
  redis.call('ZREM', partition.key(p, KEY.due), launcher.member(l.id, l.cafe, l.pc))
  pc.clear(p, account, l.pc, 'launcher', l.id)
end

return launcher
