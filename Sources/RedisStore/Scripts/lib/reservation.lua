-- Reservations: slots of a host that are promised to clients. Which host is chosen for one stands
-- in match_find.lua.
--
-- The hash `reservations` has each until it ends, and is the truth about it. A host's list `held`
-- has the same ones in the order in which they were made, and its set `confirmed` those of them
-- that are confirmed, by the number of the busy that they belong to.
--
-- When one is over stands in the list `lapses` as long as it is pending and in the sorted set
-- `expiries` when it is confirmed. All pending ones last equally long, so the list is in order by
-- itself: to append to it costs two thirds of what a place in a sorted set does. An entry whose
-- reservation has ended, or has been confirmed, stays in the list until its time and means nothing.

local reservation = {}

-- Reservations that one round lets lapse: each takes some 2 commands, so every script can afford a
-- round beside its own work.
local LAPSES = 32

-- An entry of `lapses` is the deadline, which has 13 digits until the year 2286, a blank and the
-- identifier.
local DIGITS = 13

-- The text of a reservation of a host. No part of it holds a blank.
local function written(id, room, region, state, address, deadline)
  return id .. ' ' .. room .. ' ' .. region .. ' ' .. state .. ' ' .. address .. ' ' .. deadline
end

-- Makes a pending reservation of a host that may have `bound` in all. It counts for its address
-- unless that is '-', and is remembered under `key` if there is one. Returns what match_find.lua
-- replies behind the news; nil when there is one of this identifier already or the host is full.
-- Nothing comes in a table, for one of four values is 2 % of a search.
function reservation.make(base, id, address, deadline, key, host_id, room, region, bound)
  local reservations, held = base .. KEY.reservations, base .. KEY.held .. host_id
  local text = written(host_id, room, region, 'pending', address, deadline)
  if redis.call('HSETNX', reservations, id, text) == 0 then
    return nil
  end
  local count = redis.call('RPUSH', held, id)
  if count > bound then
    redis.call('RPOP', held)
    redis.call('HDEL', reservations, id)
    return nil
  end
  redis.call('RPUSH', base .. KEY.lapses, deadline .. ' ' .. id)
  if address ~= '-' then
    redis.call('RPUSH', base .. KEY.address .. address, id)
  end
  if key then
    redis.call('SET', key, id, 'PX', SETTING.match_reservation + SETTING.match_confirmed_ttl)
  end
  if count == bound then
    host.move(host_id, base .. KEY.free .. region, base .. KEY.others)
  end
  redis.call('XADD', base .. KEY.events, '*', 'kind', 'reservation_pending', 'host_id', host_id,
    'reservation_id', id)
  return ' found ' .. id .. ' ' .. host_id .. ' ' .. room .. ' ' .. region .. ' ' .. deadline
end

-- Reads what `written` wrote; nil for a reservation that has ended.
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
  return parse(id, redis.call('HGET', registry.key(p, KEY.reservations), id))
end

-- Those of a list of identifiers that have not ended, in its order.
function reservation.load_all(p, ids)
  local found = {}
  if #ids > 0 then
    local texts = redis.call('HMGET', registry.key(p, KEY.reservations), unpack(ids))
    for i, id in ipairs(ids) do
      found[#found + 1] = parse(id, texts[i])
    end
  end
  return found
end

-- Takes a reservation that ends from its host, and tells so.
local function leave_host(p, id, host_id, reason)
  redis.call('LREM', p.base .. KEY.held .. host_id, '1', id)
  redis.call('XADD', p.base .. KEY.events, '*', 'kind', 'reservation_ended', 'host_id', host_id,
    'reservation_id', id, 'reason', reason)
end

-- Takes a pending reservation from its address, which '-' does not count.
local function leave_address(p, id, address)
  if address ~= '-' then
    redis.call('LREM', p.base .. KEY.address .. address, '1', id)
  end
end

-- Counts what came of reservations.
local function tally(p, outcome, count)
  redis.call('HINCRBY', registry.key(p, KEY.tally), outcome, count)
end

-- Ends reservations, each once: they are gone from `reservations` with it. What is the same for all
-- is done at once.
local function finish_all(p, ended, reason)
  if #ended == 0 then
    return
  end
  local ids = {}
  for i, r in ipairs(ended) do
    ids[i] = r.id
  end
  redis.call('HDEL', registry.key(p, KEY.reservations), unpack(ids))
  for _, r in ipairs(ended) do
    if r.state == 'confirmed' then
      redis.call('ZREM', registry.key(p, KEY.confirmed, r.host), r.id)
      redis.call('ZREM', registry.key(p, KEY.expiries), r.id)
    else
      leave_address(p, r.id, r.address)
    end
    leave_host(p, r.id, r.host, reason)
  end
  tally(p, reason, #ended)
end

-- Ends a reservation.
function reservation.finish(p, r, reason)
  finish_all(p, { r }, reason)
end

-- Why a reservation ends whose time is over.
function reservation.lapsed(r)
  return r.state == 'pending' and 'lapsed' or 'expired'
end

-- Makes a pending reservation confirmed. The idle that follows busy number `until_busy` or a later
-- one ends it.
function reservation.confirm(p, r, until_busy)
  redis.call('ZADD', registry.key(p, KEY.confirmed, r.host), until_busy, r.id)
  leave_address(p, r.id, r.address)
  r.state, r.deadline = 'confirmed', p.now + SETTING.match_confirmed_ttl
  local deadline = int(r.deadline)
  redis.call('ZADD', registry.key(p, KEY.expiries), deadline, r.id)
  redis.call('HSET', registry.key(p, KEY.reservations), r.id,
    written(r.host, r.room, r.region, r.state, r.address, deadline))
  host.event(p, 'reservation_confirmed', r.host, 'reservation_id', r.id)
  tally(p, 'confirmed', 1)
end

-- Sees whether slots that have become free make these hosts free ones.
local function freed(p, hosts)
  local beats = redis.call('ZMSCORE', registry.key(p, KEY.others), unpack(hosts))
  for i = 1, #hosts do
    local h = beats[i] and host.load(p, hosts[i])
    if h then
      roster.index(p, h)
    end
  end
end

-- Ends those of these reservations that are pending and over. Most ends are such, so no table is
-- made for each; that makes them a sixth cheaper.
local function end_lapsed(p, ids)
  if #ids == 0 then
    return
  end
  local reservations = p.base .. KEY.reservations
  local texts = redis.call('HMGET', reservations, unpack(ids))
  local ended, hosts, is_seen = {}, {}, {}
  for i = 1, #ids do
    local id = ids[i]
    local host_id, address, deadline =
      string.match(texts[i] or '', '^(%S+) %S+ %S+ pending (%S+) (%d+)$')
    -- An identifier may have been given out again, and then has another entry.
    if host_id and deadline <= p.stamp and not is_seen[id] then
      is_seen[id] = true
      ended[#ended + 1], hosts[#hosts + 1] = id, host_id
      leave_address(p, id, address)
      leave_host(p, id, host_id, 'lapsed')
    end
  end
  if #ended > 0 then
    redis.call('HDEL', reservations, unpack(ended))
    tally(p, 'lapsed', #ended)
    freed(p, hosts)
  end
end

-- Takes and ends confirmed reservations whose time is over, a round of them, and returns how many.
local function end_expired(p)
  local expiries = registry.key(p, KEY.expiries)
  local ids = redis.call('ZRANGEBYSCORE', expiries, '-inf', p.stamp, 'LIMIT', '0', LAPSES)
  if #ids > 0 then
    redis.call('ZREM', expiries, unpack(ids))
  end
  local hosts, expired = {}, reservation.load_all(p, ids)
  for i, r in ipairs(expired) do
    hosts[i] = r.host
  end
  if #expired > 0 then
    finish_all(p, expired, 'expired')
    freed(p, hosts)
  end
  return #ids
end

-- Takes the entries of pending reservations whose time is over, a round of them.
local function take_lapses(p)
  local lapses = registry.key(p, KEY.lapses)
  local first = redis.call('LINDEX', lapses, '0')
  local ids = {}
  if not first or string.sub(first, 1, DIGITS) > p.stamp then
    return ids
  end
  local entries = redis.call('LRANGE', lapses, '0', LAPSES - 1)
  for i = 1, #entries do
    if string.sub(entries[i], 1, DIGITS) > p.stamp then
      break
    end
    ids[i] = string.sub(entries[i], DIGITS + 2)
  end
  redis.call('LTRIM', lapses, #ids, '-1')
  return ids
end

-- Lets reservations lapse whose time is over, a round of them, and returns whether more are left.
function reservation.lapse(p)
  local lapsed = take_lapses(p)
  end_lapsed(p, lapsed)
  local expired = end_expired(p)
  return #lapsed == LAPSES or expired == LAPSES
end

-- The reservations of a host, the oldest first: no more than the largest capacity, 64.
local function of_host(p, id)
  return reservation.load_all(p, redis.call('LRANGE', registry.key(p, KEY.held, id), '0', '-1'))
end

-- Drops every reservation of an incarnation that is no more, and returns how many there were.
function reservation.drop(p, id, reason)
  local dropped = of_host(p, id)
  finish_all(p, dropped, reason)
  return #dropped
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
    for _, r in ipairs(of_host(p, h.id)) do
      -- One that is over, but whose turn to lapse has not come yet, is passed over.
      if r.state == 'pending' and r.deadline > p.now then
        reservation.confirm(p, r, h.busies)
        break
      end
    end
  elseif now == 'idle' then
    local ids = redis.call('ZRANGEBYSCORE', registry.key(p, KEY.confirmed, h.id), '-inf', h.busies)
    finish_all(p, reservation.load_all(p, ids), 'idle')
  end
end

return reservation
