-- Hosts, their slots and the reservations of these. All of it shares one slot of a cluster.
--
-- A host's key expires with its life and is the truth about it. What it has promised to clients
-- stands apart: `held` has its reservations, so that no count can drift. Each host is in one of two
-- kinds of sets, scored by the last heartbeat: `free`, of each region, or `others`. The sets are an
-- index; whoever uses it looks at the host. Here is what a search needs, the rest is in roster.lua.

local host = {}

-- The number of no busy, and in milliseconds a day in 1973.
local BEFORE_ANY_TIME = '100000000000'

-- Records what happened to a host or a reservation, once, in the step in which it happens. When is
-- told by the entry's own id.
function host.event(p, kind, id, ...)
  redis.call('XADD', registry.key(p, KEY.events), '*', 'kind', kind, 'host_id', id, ...)
end

-- Reads what host.save has written. It is one text, for no part of it holds a blank: to read a hash
-- cost 2 µs more.
function host.parse(id, text)
  local room, region, capacity, slots, said, status, pin, busies, drained = string.match(text,
    '^(%S+) (%S+) (%d+) (%d*) (%S*) (%a+) (%a*) (%d+) (%d*)$')
  return {
    id = id, room = room, region = region, capacity = tonumber(capacity), slots = slots,
    said = said, status = status, pin = pin, busies = tonumber(busies), drained = drained,
  }
end

-- The host, or nil when it does not live.
function host.load(p, id)
  local text = redis.call('GET', p.base .. KEY.host .. id)
  return text and host.parse(id, text)
end

-- What the host is: what it was told to be as long as that stands, else what it says.
function host.standing(h)
  return h.pin ~= '' and h.pin or h.status
end

-- How many more clients it may be handed: min(slots that it reports, capacity - confirmed) -
-- pending, and none unless it is idle and not drained.
function host.free(p, h)
  if host.standing(h) ~= 'idle' or h.drained ~= '' then
    return 0
  end
  local slots = h.slots == '' and h.capacity or tonumber(h.slots)
  local key = p.base .. KEY.held .. h.id
  local held, confirmed = redis.call('ZCARD', key), 0
  -- Otherwise it does not matter which of them are confirmed.
  if held > 0 and slots < h.capacity then
    confirmed = redis.call('ZCOUNT', key, '-inf', BEFORE_ANY_TIME)
  end
  return math.max(0, math.min(slots, h.capacity - confirmed) - (held - confirmed))
end

-- The regions that have idle hosts, and so maybe free ones.
function host.idle_regions(p)
  local regions = {}
  for _, place in ipairs(redis.call('HKEYS', p.base .. KEY.census)) do
    regions[#regions + 1] = string.match(place, '^idle:(.*)$')
  end
  return regions
end

-- Moves a host between two sets; one that is not in the first stays where it is.
function host.move(id, from, to)
  local beat = redis.call('ZSCORE', from, id)
  if beat then
    redis.call('ZREM', from, id)
    redis.call('ZADD', to, beat, id)
  end
end

return host
