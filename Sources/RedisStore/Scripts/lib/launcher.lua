-- A launcher session: alive while its key lives.
-- Uses: partition, pc

local launcher = {}

-- The launcher's member of the set of deadlines. It names cafe and PC because the launcher's own
-- key has expired when they are needed.
function launcher.member(id, cafe_id, pc_id)
  return id .. '|' .. cafe_id .. '|' .. pc_id
end

-- The launcher's cafe, PC and address, or nil when it is not alive.
function launcher.load(p, id)
  local row = redis.call('HMGET', partition.key(p, KEY.launcher, id), 'cafe', 'pc', 'ip')
  if not row[1] then
    return nil
  end
  return { id = id, cafe = row[1], pc = row[2], ip = row[3] }
end

-- Renews the launcher's life.
function launcher.renew(p, l)
  redis.call('PEXPIRE', partition.key(p, KEY.launcher, l.id), SETTING.launcher_ttl)
  redis.call('ZADD', partition.key(p, KEY.due), int(p.now + SETTING.launcher_ttl),
    launcher.member(l.id, l.cafe, l.pc))
end

-- Removes every trace of a launcher session; its game session must be closed by then.
function launcher.remove(p, l, account)
  redis.call('DEL', partition.key(p, KEY.launcher, l.id))
  redis.call('ZREM', partition.key(p, KEY.due), launcher.member(l.id, l.cafe, l.pc))
  pc.clear(p, account, l.pc, 'launcher', l.id)
end
