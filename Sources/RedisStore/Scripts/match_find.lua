#!lua
-- Finds a free host and reserves a slot of it, in one step. The choice is among the hosts heard
-- last; how many hosts there are does not matter. The TTL of a host is never touched.
-- Uses: registry, promise, host
--
-- KEYS[1]  the clock of the hosts
-- ARGV     known epoch or '', new epoch, new reservation id, caller's address, idempotency key or
--          '', the most pending reservations of an address or '', the wanted host or '', then the
--          regions in their order; none means any
-- Reply    {news, 'found', reservation id, host, room, region, until in ms} | {news, 'none'}
--          | {news, 'warming', ms} | {news, 'too_many', ms}
--          | {news, 'more'}: a bound was met before it was known that none is free; call again
-- Repeat   harmless: the id is made before sending, and one that is there is answered again.

local known, fresh, id, address, idempotency, most, wanted = unpack(ARGV)
local p = registry.open(KEYS[1], known, fresh)
-- Hosts heard last among which the choice is made: enough to spread, few enough to be cheap.
local CANDIDATES = 16
-- The caller's pending reservations. Most often there is none, or far fewer than it may have.
local pending = p.base .. KEY.address .. address

local function answer(r)
  return { p.news, 'found', r.id, r.host, r.room, r.region, r.deadline }
end

-- The host if it may be handed out, with the slots that are `left`. Any other is taken out of the
-- free ones.
local function usable(candidate, region)
  local h = host.load(p, candidate)
  if h then
    h.left = host.free(p, h)
    if h.left > 0 then
      return h
    end
    host.index(p, h)
  elseif region then
    host.unindex(p, candidate, region)
  end
  return nil
end

-- Reserves a slot of the host. Nil when this call has reserved one before.
local function reserve(h)
  local r = {
    id = id, host = h.id, room = h.room, region = h.region, state = 'pending', address = address,
    deadline = int(p.now + SETTING.match_reservation),
  }
  if not promise.write(p, r, 'NX') then
    return nil
  end
  redis.call('ZADD', p.base .. KEY.held .. h.id, p.stamp, id)
  -- Without a limit nobody counts them.
  if most ~= '' then
    redis.call('ZADD', pending, r.deadline, id)
  end
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

local function may_hold_more()
  return most == '' or redis.call('ZCOUNT', pending, '(' .. p.stamp, '+inf') < tonumber(most)
end

-- A number that the id brings along; it is random.
local chance = tonumber(string.sub(id, -7), 16)
-- Regions in which the host may be, in order.
local regions = { unpack(ARGV, 8) }
local is_any = #regions == 0
if is_any then
  regions = host.idle_regions(p)
end

-- One of the hosts of a region that were heard last, wherever it stands among them. Where any
-- region will do, one that has more free hosts is chosen more often.
local function candidate()
  local sizes, sum = {}, 0
  for i = 1, is_any and #regions or 1 do
    sizes[i] = redis.call('ZCARD', p.base .. KEY.free .. regions[i])
    sum = sum + sizes[i]
  end
  if sum == 0 then
    return nil
  end
  local i, place = 1, chance % sum
  while place >= sizes[i] do
    i, place = i + 1, place - sizes[i]
  end
  -- If it is not free, the others of its region are looked at first.
  regions[1], regions[i] = regions[i], regions[1]
  local rank = place % CANDIDATES
  return redis.call('ZREVRANGE', p.base .. KEY.free .. regions[1], rank, rank)[1], regions[1]
end

-- Most searches end here.
local remembered = idempotency ~= ''
  and redis.call('GET', registry.key(p, KEY.idempotency, address .. ':' .. idempotency))
if not remembered and wanted == '' and may_hold_more() then
  local name, region = candidate()
  local h = name and usable(name, region)
  local reply = h and reserve(h)
  if reply then
    return reply
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
-- Hosts heard before that are dead.
local living = '(' .. int(p.now - SETTING.host_ttl)
local looks = LOOKS
math.randomseed(chance)

-- A reservation that this call or one with its idempotency key has made, if it lives and its host
-- does. One of this call that does not is ended, for its id is about to be given out anew.
local function earlier(known_id)
  local r = reservation.load(p, known_id)
  local is_over = r and r.deadline <= p.now
  if r and not is_over and host.load(p, r.host) then
    return r
  end
  if r and known_id == id then
    reservation.finish(p, r, is_over and reservation.lapsed(r) or 'expired')
  end
  return nil
end

-- A free host of a region. Nil as long as looks are left says that there is none.
local function choose(region)
  while looks > 0 do
    local ids = redis.call('ZREVRANGEBYSCORE', registry.key(p, KEY.free, region), '+inf', living,
      'LIMIT', 0, CANDIDATES)
    if #ids == 0 then
      return nil
    end
    while #ids > 0 do
      local h = usable(table.remove(ids, math.random(#ids)), region)
      if h then
        return h
      end
    end
    looks = looks - 1
  end
  return nil
end

local function is_wanted_region(region)
  for _, one in ipairs(regions) do
    if one == region then
      return true
    end
  end
  return is_any
end

local function find()
  if wanted ~= '' then
    local h = usable(wanted)
    return h and is_wanted_region(h.region) and h or nil
  end
  for _, region in ipairs(regions) do
    local h = choose(region)
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

local held = earlier(id) or remembered and earlier(remembered)
if held then
  return answer(held)
end
local left = wait()
if left then
  return { p.news, 'too_many', left }
end
local h, may_be = find_within_bounds()
if h then
  return reserve(h)
end
if may_be then
  return { p.news, 'more' }
end
local warming = redis.call('PTTL', registry.key(p, KEY.warming))
if warming > 0 then
  return { p.news, 'warming', warming }
end
return { p.news, 'none' }
