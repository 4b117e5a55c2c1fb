#!lua
-- Finds a free host and reserves a slot of it, in one step. The choice is among the hosts heard
-- last; how many hosts there are does not matter. The TTL of a host is never touched.
-- Uses: registry, host
--
-- KEYS[1]  the clock of the hosts
-- ARGV     known epoch or '', new epoch, new reservation id, caller's address, idempotency key or
--          '', the most pending reservations of an address or '', the wanted host or '', then the
--          regions in their order; none means any
-- Reply    {epoch, 'found', reservation id, host, room, region, until in ms} | {epoch, 'none'}
--          | {epoch, 'warming', ms} | {epoch, 'too_many', ms}
--          | {epoch, 'more'}: a bound was met before it was known that none is free; call again
-- Repeat   harmless: the id is made before sending, and one that is there is answered again.

local known, fresh, id, address, idempotency, most, wanted = unpack(ARGV)
local p = registry.open(KEYS[1], known, fresh)
-- Hosts heard last among which the choice is made: enough to spread, few enough to be cheap.
local CANDIDATES = 16
-- The caller's pending reservations. Most often there is none, or far fewer than it may have.
local pending = registry.key(p, KEY.address, address)
-- Hosts heard before that are dead.
local living = '(' .. int(p.now - SETTING.host_ttl)

local function answer(r)
  return { p.epoch, 'found', r.id, r.host, r.room, r.region, r.deadline }
end

-- The host if it may be handed out, with the slots that are `left`. One whose key has expired is
-- taken out of the sets.
local function usable(candidate)
  local h = host.load(p, candidate)
  if h then
    h.left = host.free(p, h)
    if h.left > 0 then
      return h
    end
    host.index(p, h)
  else
    host.unindex(p, candidate, redis.call('HGET', registry.key(p, KEY.regions), candidate) or '')
  end
  return nil
end

-- Reserves a slot of the host.
local function reserve(h)
  local r = {
    id = id, host = h.id, room = h.room, region = h.region, state = 'pending', address = address,
    deadline = p.now + SETTING.match_reservation,
  }
  local deadline = registry.keep(p, r)
  redis.call('ZADD', registry.key(p, KEY.pending, h.id), p.stamp, id)
  redis.call('ZADD', pending, deadline, id)
  if idempotency ~= '' then
    redis.call('SET', registry.key(p, KEY.idempotency, address .. ':' .. idempotency), id, 'PX',
      SETTING.match_reservation + SETTING.match_confirmed_ttl)
  end
  if h.left == 1 then
    host.unindex(p, h.id, h.region)
  end
  host.event(p, 'reservation_pending', h.id, 'reservation_id', id)
  return answer(r)
end

-- The reservation that this call or one with its idempotency key has made, alive or not.
local function earlier()
  if redis.call('EXISTS', registry.key(p, KEY.reservation, id)) == 1 then
    return id
  end
  return idempotency ~= ''
    and redis.call('GET', registry.key(p, KEY.idempotency, address .. ':' .. idempotency))
end

local function may_hold_more()
  return most == '' or redis.call('ZCOUNT', pending, '(' .. p.stamp, '+inf') < tonumber(most)
end

-- Most searches end here: one of the hosts heard last, wherever it stands among them, is free.
math.randomseed(p.now + #id + tonumber(string.sub(id, -6), 16))
local remembered = earlier()
if not remembered and wanted == '' and may_hold_more() then
  local set = ARGV[8] and registry.key(p, KEY.free_in, ARGV[8]) or registry.key(p, KEY.free)
  local candidate = redis.call('ZREVRANGEBYSCORE', set, '+inf', living, 'LIMIT',
    math.random(CANDIDATES) - 1, '1')[1]
  local h = candidate and usable(candidate)
  if h then
    return reserve(h)
  end
end

-- Uses: reservation
-- The two bounds of one call. Both only matter when much ended at once that nobody swept, and what
-- a call did then remains done: the next one goes on from there.
-- Candidates that turn out to be leftovers of dead hosts, in looks of 16.
local LOOKS = 8
-- Rounds of lapsing: 96 reservations, which keeps a call below two milliseconds. As long as some
-- are left whose time is over, a host that they hold may be free.
local ROUNDS = 3

-- A reservation that lives and whose host does.
local function alive(known_id)
  local r = reservation.load(p, known_id)
  if r and r.deadline > p.now and host.load(p, r.host) then
    return r
  end
  return nil
end

local looks = LOOKS

-- A free host of the set. Nil as long as looks are left says that there is none.
local function choose(set)
  while looks > 0 do
    local ids = redis.call('ZREVRANGEBYSCORE', set, '+inf', living, 'LIMIT', 0, CANDIDATES)
    if #ids == 0 then
      return nil
    end
    while #ids > 0 do
      local candidate = table.remove(ids, math.random(#ids))
      local h = usable(candidate)
      if h then
        return h
      end
      -- Wherever else it is, it is not met here again.
      redis.call('ZREM', set, candidate)
    end
    looks = looks - 1
  end
  return nil
end

local function is_wanted_region(region)
  for i = 8, #ARGV do
    if ARGV[i] == region then
      return true
    end
  end
  return #ARGV < 8
end

local function find()
  if wanted ~= '' then
    local h = usable(wanted)
    return h and is_wanted_region(h.region) and h or nil
  end
  if #ARGV < 8 then
    return choose(registry.key(p, KEY.free))
  end
  for i = 8, #ARGV do
    local h = choose(registry.key(p, KEY.free_in, ARGV[i]))
    if h then
      return h
    end
  end
  return nil
end

-- Looks, and lets reservations lapse that hold hosts, until one is free or a bound is met. Returns
-- the host, and without one whether there may still be one.
local function find_within_bounds()
  local h, is_more = find(), true
  for _ = 1, ROUNDS do
    if h or looks == 0 or not is_more then
      break
    end
    is_more = reservation.lapse(p)
    h = find()
  end
  return h, is_more or looks == 0
end

-- Milliseconds until the caller may hold one more, or nil when it may now. What it holds of hosts
-- that died unseen is ended first; it is no more than the caller may hold.
local function wait()
  if may_hold_more() then
    return nil
  end
  redis.call('ZREMRANGEBYSCORE', pending, '-inf', p.stamp)
  for _, held in ipairs(redis.call('ZRANGE', pending, 0, -1)) do
    local r = reservation.load(p, held)
    if r and not host.load(p, r.host) then
      reservation.finish(p, r, 'expired')
    end
  end
  if may_hold_more() then
    return nil
  end
  return tonumber(redis.call('ZRANGE', pending, 0, 0, 'WITHSCORES')[2]) - p.now
end

local held = remembered and alive(remembered)
if held then
  return answer(held)
end
local left = wait()
if left then
  return { p.epoch, 'too_many', left }
end
local h, may_be = find_within_bounds()
if h then
  return reserve(h)
end
if may_be then
  return { p.epoch, 'more' }
end
local warming = redis.call('PTTL', registry.key(p, KEY.warming))
if warming > 0 then
  return { p.epoch, 'warming', warming }
end
return { p.epoch, 'none' }
