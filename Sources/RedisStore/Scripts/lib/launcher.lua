-- A launcher session: alive while its key lives, which says `<cafe> <PC>`, so that a heartbeat
-- finds the PC with what renews the life. All facts stand in its seat, which does not expire with
-- the key: a launcher that comes back after an outage keeps its session. When its life ends stands
-- in the place of its PC.

local launcher = {}

-- The launcher's member of the set of deadlines. It names cafe and PC, so that nothing is read to
-- find them. It is due when its life would have ended without the heartbeats since it was due last:
-- to move it with each of them would cost more than all else that they write.
function launcher.member(id, cafe_id, pc_id)
  return id .. '|' .. cafe_id .. '|' .. pc_id
end

-- When the launcher's life ends or has ended. Holds of a game count where it is played.
function launcher.life(p, l, game_id)
  local place = pc.load(p, l.cafe, l.pc)
  local ends = place.launcher == l.id and number(place.ends, 'end of ', l.id) or p.now
  return hold.life(p, l.cafe, game_id, ends, SETTING.launcher_ttl)
end

-- Whether the launcher lives: its key does, or a hold prolongs its life.
function launcher.is_alive(p, l, game_id)
  if redis.call('EXISTS', p.base .. KEY.launcher .. l.id) == 1 then
    return true
  end
  return #p.holds > 0 and p.now < launcher.life(p, l, game_id)
end

-- The game that is played on the launcher's PC, or ''. It only matters to holds.
local function game_on(p, l)
  if #p.holds == 0 then
    return ''
  end
  local m = meter.on(p, pc.load(p, l.cafe, l.pc))
  return m and m.game or ''
end

-- The launcher's cafe, PC and address, alive or not; nil when nothing is known of it. The seat
-- begins with them; what else it told of itself is only kept, as evidence.
function launcher.seat(p, id)
  local text = redis.call('GET', p.base .. KEY.seat .. id)
  if not text then
    return nil
  end
  local cafe_id, pc_id, ip = string.match(text, '^(%S+) (%S+) (%S+) ')
  return { id = id, cafe = cafe_id, pc = pc_id, ip = ip }
end

-- Renews the launcher's key and returns where it is, with nothing read but that key; nil when that
-- has expired.
function launcher.renew(base, id)
  local where = redis.call('GETEX', base .. KEY.launcher .. id, 'PX', 'SETTING.launcher_ttl')
  if not where then
    return nil
  end
  local blank = string.find(where, ' ', 1, true)
  return { id = id, cafe = string.sub(where, 1, blank - 1), pc = string.sub(where, blank + 1) }
end

local function set_key(p, l)
  redis.call('SET', p.base .. KEY.launcher .. l.id, l.cafe .. ' ' .. l.pc, 'PX',
    'SETTING.launcher_ttl')
end

-- The same for a launcher whose key has expired while a hold prolongs its life.
function launcher.revive(p, id)
  local l = #p.holds > 0 and launcher.seat(p, id)
  if not l or pc.load(p, l.cafe, l.pc).launcher ~= id
    or p.now >= launcher.life(p, l, game_on(p, l)) then
    return nil
  end
  set_key(p, l)
  return l
end

-- The launcher's cafe, PC and address, or nil when it is not alive.
function launcher.load(p, id)
  local l = launcher.seat(p, id)
  return l and launcher.is_alive(p, l, game_on(p, l)) and l or nil
end

-- Begins the life of a launcher session, with its seat, its place and its first deadline.
-- `evidence` is what it told of itself, as one text.
function launcher.create(p, l, account, evidence)
  local ends = p.now + SETTING.launcher_ttl
  redis.call('SET', p.base .. KEY.seat .. l.id,
    l.cafe .. ' ' .. l.pc .. ' ' .. l.ip .. ' ' .. evidence)
  set_key(p, l)
  redis.call('ZADD', p.base .. KEY.due, int(ends), launcher.member(l.id, l.cafe, l.pc))
  pc.set_launcher(p, account, l.pc, l.id, ends)
end

-- Removes every trace of a launcher session; its game session must be closed by then.
function launcher.remove(p, l, account)
  redis.call('DEL', p.base .. KEY.launcher .. l.id, p.base .. KEY.seat .. l.id)
  redis.call('ZREM', p.base .. KEY.due, launcher.member(l.id, l.cafe, l.pc))
  pc.clear_launcher(p, account, l.pc, l.id)
end

return launcher
