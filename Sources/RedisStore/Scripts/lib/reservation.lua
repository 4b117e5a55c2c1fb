-- Reservations: slots of a host that are promised to clients. Which host is chosen for one stands
-- in match_find.lua.
--
-- A host's set `held` has the pending ones by the time at which they were made, and the confirmed
-- ones by the number of the busy that they belong to. No number is as high as a time.

local reservation = {}

-- Reservations that one round lets lapse: each takes some 3 commands, so every script can afford a
-- round beside its own work.
local LAPSES = 32

-- Writes the reservation: a new one with 'NX', one that is there with 'XX'. Returns whether that
-- was so. It is one text, for no part of it holds a blank: to write and to read a hash would cost
-- 2 µs more.
function reservation.write(p, r, condition)
  local text = r.host .. ' ' .. r.room .. ' ' .. r.region .. ' ' .. r.state .. ' ' .. r.address
    .. ' ' .. r.deadline
  if not redis.call('SET', p.base .. KEY.reservation .. r.id, text, condition) then
    return false
  end
  redis.call('ZADD', p.base .. KEY.lapses, r.deadline, r.id)
  return true
end

-- Reads what reservation.write has written; nil for a reservation that has ended.
local function parse(id, text)
  if not text then
    return nil
  end
  local r = { id = id }
  r.host, r.room, r.region, r.state, r.address, r.deadline =
    string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%d+)$')
  r.deadline = tonumber(r.deadline)
  return r
end

-- The reservation, or nil when it has ended.
function reservation.load(p, id)
  return parse(id, redis.call('GET', registry.key(p, KEY.reservation, id)))
end

-- Takes a reservation that ends from its host and its address.
local function release(p, r, reason)
  redis.call('ZREM', registry.key(p, KEY.held, r.host), r.id)
  if r.state == 'pending' and r.address ~= '-' then
    redis.call('ZREM', registry.key(p, KEY.address, r.address), r.id)
  end
  host.event(p, 'reservation_ended', r.host, 'reservation_id', r.id, 'reason', reason)
end

-- Counts what came of reservations.
local function tally(p, outcome, count)
  redis.call('HINCRBY', registry.key(p, KEY.tally), outcome, count)
end

-- Ends a reservation, once: its key is gone with it.
function reservation.finish(p, r, reason)
  redis.call('DEL', registry.key(p, KEY.reservation, r.id))
  redis.call('ZREM', registry.key(p, KEY.lapses), r.id)
  release(p, r, reason)
  tally(p, reason, 1)
end

-- Why a reservation ends whose time is over.
function reservation.lapsed(r)
  return r.state == 'pending' and 'lapsed' or 'expired'
end

-- Makes a reservation confirmed. The idle that follows busy number `until_busy` or a later one ends
-- it.
function reservation.confirm(p, r, until_busy)
  redis.call('ZADD', registry.key(p, KEY.held, r.host), until_busy, r.id)
  redis.call('ZREM', registry.key(p, KEY.address, r.address), r.id)
  r.state, r.deadline = 'confirmed', int(p.now + SETTING.match_confirmed_ttl)
  reservation.write(p, r, 'XX')
  host.event(p, 'reservation_confirmed', r.host, 'reservation_id', r.id)
  tally(p, 'confirmed', 1)
end

-- Sees whether a slot that has become free makes its host a free one.
local function freed(p, id)
  local h = redis.call('ZSCORE', registry.key(p, KEY.others), id) and host.load(p, id)
  if h then
    roster.index(p, h)
  end
end

-- Lets reservations lapse whose time is over, a round of them, and returns whether more are left.
-- What is the same for all is done at once.
function reservation.lapse(p)
  local lapses = registry.key(p, KEY.lapses)
  local ids = redis.call('ZRANGEBYSCORE', lapses, '-inf', p.stamp, 'LIMIT', 0, LAPSES)
  if #ids == 0 then
    return false
  end
  local keys = {}
  for i, id in ipairs(ids) do
    keys[i] = registry.key(p, KEY.reservation, id)
  end
  local texts = redis.call('MGET', unpack(keys))
  redis.call('DEL', unpack(keys))
  redis.call('ZREM', lapses, unpack(ids))
  local hosts, counts = {}, {}
  for i, id in ipairs(ids) do
    local r = parse(id, texts[i])
    if r then
      local reason = reservation.lapsed(r)
      release(p, r, reason)
      hosts[r.host] = true
      counts[reason] = (counts[reason] or 0) + 1
    end
  end
  for id in pairs(hosts) do
    freed(p, id)
  end
  for reason, count in pairs(counts) do
    tally(p, reason, count)
  end
  return #ids == LAPSES
end

-- Ends the reservations of a host, up to a score, and returns how many it looked at: no more than
-- the largest capacity, 64.
local function finish_all(p, id, highest, reason)
  local ids = redis.call('ZRANGEBYSCORE', registry.key(p, KEY.held, id), '-inf', highest)
  for _, held in ipairs(ids) do
    local r = reservation.load(p, held)
    if r then
      reservation.finish(p, r, reason)
    end
  end
  return #ids
end

-- Drops every reservation of an incarnation that is no more, and returns how many there were.
function reservation.drop(p, id, reason)
  return finish_all(p, id, '+inf', reason)
end

-- Takes every trace of a host away, and returns how many reservations went with it.
function reservation.leave(p, id, reason)
  local dropped = reservation.drop(p, id, reason)
  redis.call('DEL', registry.key(p, KEY.host, id))
  redis.call('ZREM', registry.key(p, KEY.free, roster.region(p, id)), id)
  redis.call('ZREM', registry.key(p, KEY.others), id)
  redis.call('ZREM', registry.key(p, KEY.host_names), id)
  roster.count(p, id)
  host.event(p, 'host_' .. reason, id)
  return dropped
end

-- Does what a change of standing means: becoming busy confirms the oldest pending reservation, and
-- becoming idle ends the confirmed ones that this or an earlier busy belongs to.
function reservation.settle(p, h, before)
  local now = host.standing(h)
  if now == before then
    return
  end
  host.event(p, 'host_status', h.id, 'status', now)
  if now == 'busy' then
    h.busies = h.busies + 1
    -- One that is over, but whose turn to lapse has not come yet, is passed over.
    local living = '(' .. int(p.now - SETTING.match_reservation)
    local oldest = redis.call('ZRANGEBYSCORE', registry.key(p, KEY.held, h.id), living, '+inf',
      'LIMIT', 0, 1)[1]
    local r = oldest and reservation.load(p, oldest)
    if r then
      reservation.confirm(p, r, h.busies)
    end
  elseif now == 'idle' then
    finish_all(p, h.id, h.busies, 'idle')
  end
end

return reservation
