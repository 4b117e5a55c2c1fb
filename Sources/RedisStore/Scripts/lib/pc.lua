-- A PC's place: the launcher session and the game session that live on it.

local pc = {}

-- The launcher session and the game session of a PC, or false.
function pc.load(p, cafe_id, pc_id)
  local row = redis.call('HMGET', partition.key(p, KEY.pc, cafe_id, pc_id), 'launcher', 'session')
  return row[1], row[2]
end

-- Puts a session in its place; a PC that appears is counted for its cafe.
function pc.set(p, account, pc_id, field, id)
  local key = partition.key(p, KEY.pc, account.id, pc_id)
  if redis.call('EXISTS', key) == 0 then
    cafe.add(account, 'pcs', 1)
  end
  redis.call('HSET', key, field, id)
end

-- Takes a session from its place, if it is still the one there; an empty PC disappears.
function pc.clear(p, account, pc_id, field, id)
  local key = partition.key(p, KEY.pc, account.id, pc_id)
  if redis.call('HGET', key, field) ~= id then
    return
  end
  redis.call('HDEL', key, field)
  if redis.call('EXISTS', key) == 0 then
    cafe.add(account, 'pcs', -1)
  end
end

return pc
