-- Hosts, their slots and the reservations of these. All of it shares one slot of a cluster.
--
-- A host's key expires with its life and is the truth about it. What it has promised to clients
-- stands apart: `pending` and `confirmed` hold its reservations, so that no count can drift. The
-- sets of free hosts are an index, scored by the last heartbeat; whoever uses it looks at the host.
-- Uses: registry

local host = {}

-- Records what happened to a host or a reservation, once, in the step in which it happens, and
-- counts it: reservations that end by what ended them.
function host.event(p, kind, id, ...)
  local name = kind == 'reservation_ended' and kind .. ':' .. select(4, ...) or kind
  redis.call('HINCRBY', registry.key(p, KEY.tally), name, 1)
  redis.call('XADD', registry.key(p, KEY.events), '*', 'at', p.stamp, 'kind', kind,
    'host_id', id, ...)
end

-- The host, or nil when it does not live.
function host.load(p, id)
  local row = redis.call('HMGET', registry.key(p, KEY.host, id), 'room', 'region', 'status',
    'slots', 'capacity', 'pin', 'busies')
  if not row[1] then
    return nil
  end
  return {
    id = id, room = row[1], region = row[2], status = row[3], slots = row[4],
    capacity = tonumber(row[5]), pin = row[6], busies = tonumber(row[7]),
  }
end

-- What the host is: what it was told to be as long as that stands, else what it says.
function host.standing(h)
  return h.pin ~= '' and h.pin or h.status
end

function host.is_drained(p, id)
  return redis.call('SISMEMBER', registry.key(p, KEY.drained), id) == 1
end

-- How many more clients it may be handed: min(slots that it reports, capacity - confirmed) -
-- pending, and none unless it is idle and not drained.
function host.free(p, h)
  if host.standing(h) ~= 'idle' or host.is_drained(p, h.id) then
    return 0
  end
  local slots = h.slots == '' and h.capacity or tonumber(h.slots)
  local confirmed = redis.call('ZCARD', registry.key(p, KEY.confirmed, h.id))
  local pending = redis.call('ZCARD', registry.key(p, KEY.pending, h.id))
  return math.max(0, math.min(slots, h.capacity - confirmed) - pending)
end

-- When it was heard last, in milliseconds. Apart from its hash, so that a heartbeat which says
-- nothing new need not write that.
function host.beat(p, id)
  return redis.call('ZSCORE', registry.key(p, KEY.hosts), id)
end

-- Puts the host into the sets of free hosts or takes it out. Whatever changes how many slots are
-- free must end here, for a heartbeat that says nothing new leaves it as it is.
function host.index(p, h)
  if host.free(p, h) > 0 then
    local beat = host.beat(p, h.id)
    redis.call('ZADD', registry.key(p, KEY.free), beat, h.id)
    redis.call('ZADD', registry.key(p, KEY.free_in, h.region), beat, h.id)
  else
    host.unindex(p, h.id, h.region)
  end
end

function host.unindex(p, id, region)
  redis.call('ZREM', registry.key(p, KEY.free), id)
  redis.call('ZREM', registry.key(p, KEY.free_in, region), id)
end

-- Counts the host among those of its region and standing, and no longer where it was counted; a
-- host without a region is gone. What was counted where is remembered, because a host whose key has
-- expired can say it no more.
function host.count(p, id, region, standing)
  local tally, tallied = registry.key(p, KEY.tally), registry.key(p, KEY.tallied)
  local before = redis.call('HGET', tallied, id)
  local now = region and 'hosts:' .. standing .. ':' .. region
  if before == now then
    return
  end
  if before and redis.call('HINCRBY', tally, before, -1) <= 0 then
    redis.call('HDEL', tally, before)
  end
  if now then
    redis.call('HINCRBY', tally, now, 1)
    redis.call('HSET', tallied, id, now)
  else
    redis.call('HDEL', tallied, id)
  end
end

-- Writes the host without touching its TTL. The index is the caller's to do. `said` is the
-- heartbeat that made it so; the next one that says the same is known by that alone.
function host.save(p, h)
  redis.call('HSET', registry.key(p, KEY.host, h.id), 'room', h.room, 'region', h.region,
    'status', h.status, 'slots', h.slots, 'capacity', int(h.capacity), 'pin', h.pin,
    'busies', int(h.busies), 'said', h.said or '')
  host.count(p, h.id, h.region, host.standing(h))
end
