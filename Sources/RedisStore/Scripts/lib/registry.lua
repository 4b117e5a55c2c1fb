-- Where the keys of the hosts are, and what time it is there.

local registry = {}

-- What stands before the names of the hosts' keys.
function registry.base(clock_key)
  return string.sub(clock_key, 1, -#KEY.clock - 1)
end

-- Redis' time in milliseconds, as a text.
function registry.stamp()
  local time = redis.call('TIME')
  -- The microseconds come without leading zeros.
  return time[1] .. string.sub('00000' .. time[2], -6, -4)
end

-- Whether the caller has seen an epoch. What goes on where Redis remembers a host, as almost every
-- heartbeat and search does, then need not look whether it is still this one: that would be 7 % of
-- a heartbeat, and whoever misses a host looks.
function registry.is_known(epoch)
  return string.find(epoch, ':', 1, true) ~= nil
end

-- Opens the hosts whose clock key the caller declared; reads TIME unless `stamp` is given, which is
-- that. The epoch is a random name, a colon and the time of its birth; it is there as long as Redis
-- remembers its hosts. `known` is the one that the caller has seen. When it is gone, Redis has lost
-- its hosts, and they need one TTL from the birth of the next one to come back, also when a caller
-- who knew none made that. Who has seen none gives a name alone, for a new one. `news`, with which
-- every reply begins, is the epoch for a caller who does not know it, else ''.
function registry.open(clock_key, known, stamp)
  local base = registry.base(clock_key)
  stamp = stamp or registry.stamp()
  local p = { base = base, stamp = stamp, now = tonumber(stamp), news = '' }
  local epoch = redis.call('GET', base .. KEY.epoch)
  if epoch == known then
    return p
  end
  if not epoch then
    epoch = string.match(known, '^[^:]*') .. ':' .. stamp
    redis.call('SET', base .. KEY.epoch, epoch)
  end
  if registry.is_known(known) then
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
