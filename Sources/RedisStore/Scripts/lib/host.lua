-- Hosts, their slots and the reservations of these. All of it shares one slot of a cluster.
--
-- A host's key expires with its life and is the truth about it. What it has promised to clients
-- stands apart: `held` has its reservations, so that no count can drift. Each host is in one of two
-- kinds of sets, scored by the last heartbeat: `free`, of each region, or `others`. The sets are an
-- index; whoever uses it looks at the host. Here is what a search needs, the rest is in roster.lua.

local host = {}

-- Hosts heard last among which a choice is made: enough to spread, few enough to be cheap.
host.CANDIDATES = 16

-- Records what happened to a host or a reservation, once, in the step in which it happens. When is
-- told by the entry's own id.
function host.event(p, kind, id, ...)
  redis.call('XADD', p.base .. KEY.events, '*', 'kind', kind, 'host_id', id, ...)
end

-- Reads what roster.save has written. It is one text, for no part of it holds a blank: to read a
-- hash cost 2 µs more.
function host.parse(id, text)
  local room, region, capacity, slots, said, status, pin, busies, drained = string.match(text,
    '^(%S+) (%S+) (%d+) (%d*) (%S*) (%a+) (%a*) (%d+) (%d*)$')
  return {
    id = id, room = room, region = region, capacity = capacity, slots = slots,
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

-- How many reservations it may have, confirmed ones included, so that these and the slots that it
-- reports are no more than its capacity.
local function bound(base, id, capacity, slots)
  -- Then it does not matter which of them are confirmed.
  if slots == '' or slots == capacity then
    return tonumber(capacity)
  end
  local confirmed = redis.call('ZCARD', base .. KEY.confirmed .. id)
  return math.min(tonumber(capacity), tonumber(slots) + confirmed)
end

-- The same of a host that was loaded: none unless it is idle and not drained.
function host.bound(p, h)
  if host.standing(h) ~= 'idle' or h.drained ~= '' then
    return 0
  end
  return bound(p.base, h.id, h.capacity, h.slots)
end

-- How many more clients it may be handed: min(slots that it reports, capacity - confirmed) -
-- pending.
function host.free(p, h)
  local most = host.bound(p, h)
  return most > 0 and math.max(0, most - redis.call('LLEN', p.base .. KEY.held .. h.id)) or 0
end

-- The room and the region of a host that is idle and not drained, and how many reservations it may
-- have; nil for another one. This is what a search needs; host.load, which reads more and makes a
-- table of it, would be 4 % of a search dearer.
function host.offer(base, id)
  local text = redis.call('GET', base .. KEY.host .. id)
  if not text then
    return nil
  end
  local room, region, capacity, slots =
    string.match(text, '^(%S+) (%S+) (%d+) (%d*) %S* idle  %d+ $')
  if not room then
    return nil
  end
  return room, region, bound(base, id, capacity, slots)
end

-- The regions that have idle hosts, and so maybe free ones.
function host.idle_regions(base)
  local places, regions = redis.call('HKEYS', base .. KEY.census), {}
  for i = 1, #places do
    regions[#regions + 1] = string.match(places[i], '^idle:(.*)$')
  end
  return regions
end

-- What choose_region found last, for each installation that shares this Redis.
local found = {}

-- A region that has idle hosts, or nil: the more often the more free hosts it has. And a number for
-- a place among these; both follow from a number that is random. To look at a single region
-- would be a tenth of a search, so all are looked at once a second. One that has become such a
-- region meanwhile is seen by whoever finds no host here.
function host.choose_region(base, stamp, chance)
  local second, look = string.sub(stamp, 1, 10), found[base]
  if not look or look.second ~= second then
    look = { second = second, regions = host.idle_regions(base), sizes = {}, sum = 0 }
    for i, region in ipairs(look.regions) do
      look.sizes[i] = redis.call('ZCARD', base .. KEY.free .. region)
      look.sum = look.sum + look.sizes[i]
    end
    found[base] = look
  end
  local i, place = 1, look.sum > 0 and chance % look.sum or 0
  while look.sizes[i + 1] and place >= look.sizes[i] do
    i, place = i + 1, place - look.sizes[i]
  end
  return look.regions[i], place
end

-- Places as texts: to look one up costs less than to have Redis print a number.
local PLACES = {}
for place = 0, host.CANDIDATES - 1 do
  PLACES[place] = place .. ''
end

-- The host at a place among those of a set that were heard last, or nil.
function host.at(set, place)
  return redis.call('ZREVRANGE', set, PLACES[place], PLACES[place])[1]
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
