-- Where the keys of the hosts are, and what time it is there.

local registry = {}

-- Opens the hosts whose clock key the caller declared, and reads TIME, once. `epoch` is a random
-- number and the time of its birth; it is there as long as Redis remembers its hosts. `known` is
-- the one that the caller has seen. When it is gone, Redis has lost its hosts, and they need one
-- TTL from the birth of the next one to come back, also when a caller who knew none made that.
-- `news`, with which every reply begins, is the epoch for a caller who does not know it, else ''.
function registry.open(clock_key, known, fresh)
  local time = redis.call('TIME')
  -- The microseconds come without leading zeros.
  local stamp = time[1] .. string.sub('00000' .. time[2], -6, -4)
  local base = string.sub(clock_key, 1, -#KEY.clock - 1)
  local epoch = redis.call('GET', base .. KEY.epoch)
  local p = { base = base, stamp = stamp, now = tonumber(stamp), news = '' }
  if epoch == known then
    return p
  end
  if not epoch then
    epoch = fresh .. ':' .. stamp
    redis.call('SET', base .. KEY.epoch, epoch)
  end
  if known ~= '' then
    local left = tonumber(string.match(epoch, '%d+$')) + SETTING.host_ttl - p.now
    if left > 0 then
      redis.call('SET', base .. KEY.warming, '1', 'PX', int(left))
    end
  end
  p.news = epoch
  return p
end

function registry.key(p, name, id)
  return p.base .. name .. (id or '')
end

return registry
