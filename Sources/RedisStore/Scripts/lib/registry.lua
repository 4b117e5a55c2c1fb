-- Where the keys of the hosts are, what time it is there, and how a host lives on. Most heartbeats
-- need no more, and answer before the functions of the rest are built, which takes 2 µs of 13.

local registry = {}

local function int(number)
  return string.format('%.0f', number)
end

-- Opens the hosts whose clock key the caller declared, and reads TIME, once. `epoch` is a random
-- number and the time of its birth; it is there as long as Redis remembers its hosts. `known` is
-- the one that the caller has seen. When it is gone, Redis has lost its hosts, and they need one
-- TTL from the birth of the next one to come back, also when a caller who knew none made that.
function registry.open(clock_key, known, fresh)
  local time = redis.call('TIME')
  -- The microseconds come without leading zeros.
  local stamp = time[1] .. string.sub('00000' .. time[2], -6, -4)
  local p = {
    base = string.sub(clock_key, 1, -#KEY.clock - 1), stamp = stamp, now = tonumber(stamp),
  }
  p.epoch = redis.call('GET', p.base .. KEY.epoch)
  if not p.epoch then
    p.epoch = fresh .. ':' .. p.stamp
    redis.call('SET', p.base .. KEY.epoch, p.epoch)
  end
  if known ~= '' and known ~= p.epoch then
    local left = tonumber(string.match(p.epoch, '%d+$')) + SETTING.host_ttl - p.now
    if left > 0 then
      redis.call('SET', p.base .. KEY.warming, '1', 'PX', int(left))
    end
  end
  return p
end

function registry.key(p, name, id)
  return p.base .. name .. (id or '')
end

-- Lets a host live on from now that says what it said before: it moves within the sets that it is
-- in, and nothing else changes. Most heartbeats are such, so this is all that they write. The TTL
-- stands in quotes, for Lua's own way to write a number is slow.
function registry.renew(p, id, region)
  redis.call('ZADD', registry.key(p, KEY.hosts), p.stamp, id)
  redis.call('ZADD', registry.key(p, KEY.free), 'XX', p.stamp, id)
  redis.call('ZADD', registry.key(p, KEY.free_in, region), 'XX', p.stamp, id)
  redis.call('PEXPIRE', registry.key(p, KEY.host, id), 'SETTING.host_ttl')
end

-- Writes the reservation, and when it lapses, which is returned as Redis takes it. It is one text,
-- for no part of it holds a blank: to write and to read a hash would cost 2 µs more.
function registry.keep(p, r)
  local deadline = int(r.deadline)
  redis.call('SET', registry.key(p, KEY.reservation, r.id),
    table.concat({ r.host, r.room, r.region, r.state, r.address, deadline }, ' '))
  redis.call('ZADD', registry.key(p, KEY.lapses), deadline, r.id)
  return deadline
end
