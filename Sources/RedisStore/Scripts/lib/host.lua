-- Hosts, their slots and the reservations of these. All of it shares one slot of a cluster.
--
-- A host's key expires with its life and is the truth about it. What it has promised to clients
-- stands apart: `pending` and `confirmed` hold its reservations, so that no count can drift. The
-- sets of free hosts are an index, scored by the last heartbeat; whoever uses it looks at the host.

local host = {}

-- Reservations that one round lets lapse: each takes some 15 commands, so every script can afford
-- a round beside its own work.
local LAPSES = 32
-- Events that are kept; the stream is trimmed about there.
local EVENTS = 100000

local function int(number)
  return string.format('%.0f', number)
end

-- Opens the hosts whose clock key the caller declared, and reads TIME, once. `epoch` is a random
-- number and the time of its birth; it is there as long as Redis remembers its hosts. `known` is
-- the one that the caller has seen. When it is gone, Redis has lost its hosts, and they need one
-- TTL from the birth of the next one to come back, also when a caller who knew none made that.
function host.open(clock_key, known, fresh)
  local time = redis.call('TIME')
  local p = {
    base = string.sub(clock_key, 1, -#KEY.clock - 1),
    now = time[1] * 1000 + math.floor(time[2] / 1000),
  }
  p.stamp = int(p.now)
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

function host.key(p, name, id)
  return p.base .. name .. (id or '')
end

-- Records what happened to a host or a reservation, once, in the step in which it happens, and
-- counts it: reservations that end by what ended them.
function host.event(p, kind, id, ...)
  local name = kind == 'reservation_ended' and kind .. ':' .. select(4, ...) or kind
  redis.call('HINCRBY', host.key(p, KEY.tally), name, 1)
  redis.call('XADD', host.key(p, KEY.events), 'MAXLEN', '~', EVENTS, '*', 'at', p.stamp,
    'kind', kind, 'host_id', id, ...)
end

-- The host, or nil when it does not live.
function host.load(p, id)
  local row = redis.call('HMGET', host.key(p, KEY.host, id), 'room', 'region', 'status', 'slots',
    'capacity', 'pin', 'busies')
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
  return redis.call('SISMEMBER', host.key(p, KEY.drained), id) == 1
end

-- How many more clients it may be handed: min(slots that it reports, capacity - confirmed) -
-- pending, and none unless it is idle and not drained.
function host.free(p, h)
  if host.standing(h) ~= 'idle' or host.is_drained(p, h.id) then
    return 0
  end
  local slots = h.slots == '' and h.capacity or tonumber(h.slots)
  local confirmed = redis.call('ZCARD', host.key(p, KEY.confirmed, h.id))
  local pending = redis.call('ZCARD', host.key(p, KEY.pending, h.id))
  return math.max(0, math.min(slots, h.capacity - confirmed) - pending)
end

-- When it was heard last, in milliseconds. Apart from its hash, so that a heartbeat which says
-- nothing new need not write that.
function host.beat(p, id)
  return redis.call('ZSCORE', host.key(p, KEY.hosts), id)
end

-- Puts the host into the sets of free hosts or takes it out. Whatever changes how many slots are
-- free must end here, for a heartbeat that says nothing new leaves it as it is.
function host.index(p, h)
  if host.free(p, h) > 0 then
    local beat = host.beat(p, h.id)
    redis.call('ZADD', host.key(p, KEY.free), beat, h.id)
    redis.call('ZADD', host.key(p, KEY.free_in, h.region), beat, h.id)
  else
    host.unindex(p, h.id, h.region)
  end
end

-- Does the same where a slot has become free: most often the host is in the sets already.
function host.freed(p, id)
  if redis.call('ZSCORE', host.key(p, KEY.free), id) then
    return
  end
  local h = host.load(p, id)
  if h then
    host.index(p, h)
  end
end

function host.unindex(p, id, region)
  redis.call('ZREM', host.key(p, KEY.free), id)
  redis.call('ZREM', host.key(p, KEY.free_in, region), id)
end

-- Lets a host live on from now that says what it said before: it moves within the sets that it is
-- in, and nothing else changes. Most heartbeats are such, so this is all that they write.
function host.renew(p, id, region)
  redis.call('ZADD', host.key(p, KEY.hosts), p.stamp, id)
  redis.call('ZADD', host.key(p, KEY.free), 'XX', p.stamp, id)
  redis.call('ZADD', host.key(p, KEY.free_in, region), 'XX', p.stamp, id)
  redis.call('PEXPIRE', host.key(p, KEY.host, id), SETTING.host_ttl)
end

-- Counts the host among those of its region and standing, and no longer where it was counted; a
-- host without a region is gone. What was counted where is remembered, because a host whose key has
-- expired can say it no more.
function host.count(p, id, region, standing)
  local tally, tallied = host.key(p, KEY.tally), host.key(p, KEY.tallied)
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

-- Writes the host without touching its TTL. The index is the caller's to do.
function host.save(p, h)
  redis.call('HSET', host.key(p, KEY.host, h.id), 'room', h.room, 'region', h.region,
    'status', h.status, 'slots', h.slots, 'capacity', int(h.capacity), 'pin', h.pin,
    'busies', int(h.busies))
  host.count(p, h.id, h.region, host.standing(h))
end

-- The reservation, or nil when it has ended.
function host.reservation(p, id)
  local row = redis.call('HMGET', host.key(p, KEY.reservation, id), 'host', 'state', 'address',
    'room', 'region', 'until')
  if not row[1] then
    return nil
  end
  return {
    id = id, host = row[1], state = row[2], address = row[3], room = row[4], region = row[5],
    deadline = tonumber(row[6]),
  }
end

-- Ends a reservation, once: its key is gone with it.
function host.finish(p, r, reason)
  redis.call('DEL', host.key(p, KEY.reservation, r.id))
  redis.call('ZREM', host.key(p, KEY.lapses), r.id)
  if r.state == 'pending' then
    redis.call('ZREM', host.key(p, KEY.pending, r.host), r.id)
    redis.call('ZREM', host.key(p, KEY.address, r.address), r.id)
  else
    redis.call('ZREM', host.key(p, KEY.confirmed, r.host), r.id)
  end
  host.event(p, 'reservation_ended', r.host, 'reservation_id', r.id, 'reason', reason)
end

-- Makes a reservation confirmed. The idle that follows busy number `until_busy` or a later one ends
-- it.
function host.confirm(p, r, until_busy)
  redis.call('ZREM', host.key(p, KEY.pending, r.host), r.id)
  redis.call('ZADD', host.key(p, KEY.confirmed, r.host), until_busy, r.id)
  redis.call('ZREM', host.key(p, KEY.address, r.address), r.id)
  local deadline = int(p.now + SETTING.match_confirmed_ttl)
  redis.call('ZADD', host.key(p, KEY.lapses), deadline, r.id)
  redis.call('HSET', host.key(p, KEY.reservation, r.id), 'state', 'confirmed', 'until', deadline)
  host.event(p, 'reservation_confirmed', r.host, 'reservation_id', r.id)
end

-- Lets reservations lapse whose time is over, a round of them, and returns whether more are left.
function host.lapse(p)
  local lapses = host.key(p, KEY.lapses)
  local ids = redis.call('ZRANGEBYSCORE', lapses, '-inf', p.stamp, 'LIMIT', 0, LAPSES)
  for _, id in ipairs(ids) do
    local r = host.reservation(p, id)
    if r then
      host.finish(p, r, r.state == 'pending' and 'lapsed' or 'expired')
      host.freed(p, r.host)
    else
      redis.call('ZREM', lapses, id)
    end
  end
  return #ids == LAPSES
end

-- Ends the reservations of a host in one of its two sets, up to a score, and returns how many it
-- looked at. Both sets together hold no more than the largest capacity, 64.
function host.finish_all(p, id, name, highest, reason)
  local ids = redis.call('ZRANGEBYSCORE', host.key(p, name, id), '-inf', highest)
  for _, reservation in ipairs(ids) do
    local r = host.reservation(p, reservation)
    if r then
      host.finish(p, r, reason)
    end
  end
  return #ids
end

-- Drops every reservation of an incarnation that is no more, and returns how many there were.
function host.drop(p, id, reason)
  return host.finish_all(p, id, KEY.pending, '+inf', reason)
    + host.finish_all(p, id, KEY.confirmed, '+inf', reason)
end

-- Takes every trace of a host away, and returns how many reservations went with it.
function host.remove(p, id, region, reason)
  local dropped = host.drop(p, id, reason)
  redis.call('DEL', host.key(p, KEY.host, id))
  host.unindex(p, id, region)
  redis.call('HDEL', host.key(p, KEY.regions), id)
  redis.call('ZREM', host.key(p, KEY.hosts), id)
  redis.call('ZREM', host.key(p, KEY.host_names), id)
  host.count(p, id)
  host.event(p, 'host_' .. reason, id)
  return dropped
end

-- Does what a change of standing means: becoming busy confirms the oldest pending reservation, and
-- becoming idle ends the confirmed ones that this or an earlier busy belongs to.
function host.settle(p, h, before)
  local now = host.standing(h)
  if now == before then
    return
  end
  host.event(p, 'host_status', h.id, 'status', now)
  if now == 'busy' then
    h.busies = h.busies + 1
    -- One that is over, but whose turn to lapse has not come yet, is passed over.
    local living = '(' .. int(p.now - SETTING.match_reservation)
    local oldest = redis.call('ZRANGEBYSCORE', host.key(p, KEY.pending, h.id), living, '+inf',
      'LIMIT', 0, 1)[1]
    local r = oldest and host.reservation(p, oldest)
    if r then
      host.confirm(p, r, h.busies)
    end
  elseif now == 'idle' then
    host.finish_all(p, h.id, KEY.confirmed, h.busies, 'idle')
  end
end
