-- One partition: where its keys are and what time it is there.
--
-- TIME is read once a script, here. A script works with the larger of it and the highest time that
-- the partition has seen, so no duration is negative and nothing is billed twice when the server's
-- clock steps back.

local partition = {}

-- Opens the partition whose clock key the caller declared. `behind` says by how many milliseconds
-- TIME lags the highest time seen; `served` is when the service last worked on the partition, or
-- nil. Scripts that judge how long something is silent open it by hold.open.
function partition.open(clock_key)
  local time = redis.call('TIME')
  local measured = time[1] * 1000 + math.floor(time[2] / 1000)
  local stored = redis.call('HMGET', clock_key, 'time', 'seq', 'served', 'holds', 'silent', 'back')
  local highest = tonumber(stored[1] or 0)
  return {
    clock_key = clock_key,
    base = string.sub(clock_key, 1, -#KEY.clock - 1),
    now = math.max(measured, highest),
    behind = math.max(0, highest - measured),
    seq = tonumber(stored[2] or 0),
    served = tonumber(stored[3]),
    hold_text = stored[4] or '',
    silent = stored[5],
    back = stored[6],
    cafes = {},
  }
end

-- Remembers the time, and that the service was there. Every script that changes anything calls it,
-- last.
function partition.close(p)
  if p.is_service then
    redis.call('HSET', p.clock_key, 'time', int(p.now), 'served', int(p.now))
  else
    redis.call('HSET', p.clock_key, 'time', int(p.now))
  end
end

-- A script's reply: the partition's last ledger number first, so that the service notices a Redis
-- that has forgotten lines, then the values that the script's header names.
function partition.reply(p, ...)
  return { p.seq, ... }
end

-- The name of a key of this partition: partition.key(p, KEY.session, 'gs_…').
function partition.key(p, name, ...)
  return p.base .. name .. table.concat({ ... }, ':')
end

return partition
