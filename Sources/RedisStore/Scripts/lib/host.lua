-- Hosts, their slots and the reservations of these. All of it shares one slot of a cluster.
--
-- A host's key expires with its life and is the truth about it. What it has promised to clients
-- stands apart: `held` has its reservations, so that no count can drift. Each host is in one of two
-- kinds of sets, scored by the last heartbeat: `free`, of each region, or `others`. The sets are an
-- index; whoever uses it looks at the host.
-- Uses: registry

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

-- When it was heard last, in milliseconds. Apart from its text, so that a heartbeat which says
-- nothing new need not write that.
function host.beat(p, h)
  return redis.call('ZSCORE', registry.key(p, KEY.others), h.id)
    or redis.call('ZSCORE', registry.key(p, KEY.free, h.region), h.id)
end

-- Moves a host between two sets; one that is not in the first stays where it is.
local function move(id, from, to)
  local beat = redis.call('ZSCORE', from, id)
  if beat then
    redis.call('ZREM', from, id)
    redis.call('ZADD', to, beat, id)
  end
end

-- Puts the host into the set in which it belongs. Whatever changes how many slots are free must end
-- here, for a heartbeat that says nothing new leaves it there. `beat` is given for one that is
-- heard now.
function host.index(p, h, beat)
  local from, to = registry.key(p, KEY.others), registry.key(p, KEY.free, h.region)
  if host.free(p, h) == 0 then
    from, to = to, from
  end
  if beat then
    redis.call('ZREM', from, h.id)
    redis.call('ZADD', to, beat, h.id)
  else
    move(h.id, from, to)
  end
end

-- Takes a host out of the free ones of a region that turned out to be none.
function host.unindex(p, id, region)
  move(id, registry.key(p, KEY.free, region), registry.key(p, KEY.others))
end

-- The regions that have idle hosts, and so maybe free ones.
function host.idle_regions(p)
  local regions = {}
  for _, place in ipairs(redis.call('HKEYS', p.base .. KEY.census)) do
    regions[#regions + 1] = string.match(place, '^idle:(.*)$')
  end
  return regions
end

-- The sets that together hold every host, dead ones included.
function host.sets(p)
  local sets = { registry.key(p, KEY.others) }
  for _, region in ipairs(host.idle_regions(p)) do
    sets[#sets + 1] = registry.key(p, KEY.free, region)
  end
  return sets
end

-- The region of a host, dead or alive, that was not swept.
function host.region(p, id)
  return string.match(redis.call('HGET', registry.key(p, KEY.counted), id) or '', ':(.*)$')
end

-- Counts the host among those of its region and standing, and no longer where it was counted; a
-- host without a region is gone. What was counted where is remembered, because a host whose key has
-- expired can say it no more.
function host.count(p, id, region, standing)
  local census, counted = registry.key(p, KEY.census), registry.key(p, KEY.counted)
  local before = redis.call('HGET', counted, id)
  local now = region and standing .. ':' .. region
  if before == now then
    return
  end
  if before and redis.call('HINCRBY', census, before, -1) <= 0 then
    redis.call('HDEL', census, before)
  end
  if now then
    redis.call('HINCRBY', census, now, 1)
    redis.call('HSET', counted, id, now)
  else
    redis.call('HDEL', counted, id)
  end
end

-- Writes the host, by default without touching its TTL. The index is the caller's to do. The text
-- begins with what the heartbeat said that made it so, `said` being its status; the next one that
-- says the same is known by that. A host that something else has changed has said '-', which no
-- heartbeat does.
function host.save(p, h, ...)
  local text = table.concat({
    h.room, h.region, int(h.capacity), h.slots, h.said, h.status, h.pin, int(h.busies), h.drained,
  }, ' ')
  if ... then
    redis.call('SET', registry.key(p, KEY.host, h.id), text, ...)
  else
    redis.call('SET', registry.key(p, KEY.host, h.id), text, 'KEEPTTL')
  end
  host.count(p, h.id, h.region, host.standing(h))
end
