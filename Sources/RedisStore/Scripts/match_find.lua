-- Finds a free host and reserves a slot of it, in one step. The choice is among the hosts heard
-- last; how many hosts there are does not matter. The TTL of a host is never touched.
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
local free, others = p.base .. KEY.free, p.base .. KEY.others
-- The caller's pending reservations. Most often there is none, or far fewer than it may have.
local pending = p.base .. KEY.address .. address
local may_hold_more = most == ''
  or redis.call('ZCOUNT', pending, '(' .. p.stamp, '+inf') < tonumber(most)
local remembered = idempotency ~= ''
  and redis.call('GET', registry.key(p, KEY.idempotency, address .. ':' .. idempotency))
-- Regions in which the host may be, in order.
local regions = { unpack(ARGV, 8) }
local is_any = #regions == 0
if is_any then
  regions = host.idle_regions(p)
end
-- A number that the id brings along; it is random.
local chance = tonumber(string.sub(id, -7), 16)

-- Reserves one of the slots that a host has left. Nil when this call has reserved one before.
local function reserve(h, left)
  local deadline = int(p.now + SETTING.match_reservation)
  local r = {
    id = id, host = h.id, room = h.room, region = h.region, state = 'pending', deadline = deadline,
    -- Without a limit nobody counts what an address holds.
    address = most ~= '' and address or '-',
  }
  if not reservation.write(p, r, 'NX') then
    return nil
  end
  redis.call('ZADD', p.base .. KEY.held .. h.id, p.stamp, id)
  if most ~= '' then
    redis.call('ZADD', pending, deadline, id)
  end
  if idempotency ~= '' then
    redis.call('SET', registry.key(p, KEY.idempotency, address .. ':' .. idempotency), id, 'PX',
      SETTING.match_reservation + SETTING.match_confirmed_ttl)
  end
  if left == 1 then
    host.move(h.id, free .. h.region, others)
  end
  host.event(p, 'reservation_pending', h.id, 'reservation_id', id)
  return { p.news, 'found', id, h.id, h.room, h.region, deadline }
end

-- Most searches end here, with one of the hosts that were heard last in the first region, wherever
-- it stands among them. Where any region will do, one with more free hosts is chosen more often.
if regions[1] and may_hold_more and not remembered and wanted == '' then
  local sizes, sum = {}, 0
  for i = 1, is_any and #regions or 1 do
    sizes[i] = redis.call('ZCARD', free .. regions[i])
    sum = sum + sizes[i]
  end
  local i, place = 1, sum > 0 and chance % sum or 0
  while sizes[i + 1] and place >= sizes[i] do
    i, place = i + 1, place - sizes[i]
  end
  -- If that one is not free, the others of its region are looked at first.
  regions[1], regions[i] = regions[i], regions[1]
  local rank = place % CANDIDATES
  local candidate = redis.call('ZREVRANGE', free .. regions[1], rank, rank)[1]
  local h = candidate and host.load(p, candidate)
  local left = h and host.free(p, h) or 0
  local reply = left > 0 and reserve(h, left)
  if reply then
    return reply
  end
end

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

-- The host if it may be handed out, and how many slots it has left. Any other is taken out of the
-- free ones, of the given region when it is dead.
local function usable(candidate, region)
  local h = host.load(p, candidate)
  local left = h and host.free(p, h) or 0
  if left > 0 then
    return h, left
  end
  if h then
    roster.index(p, h)
  elseif region then
    host.move(candidate, free .. region, others)
  end
  return nil
end

-- A free host of a region and how many slots it has left. Nil as long as looks are left says that
-- there is none.
local function choose(region)
  while looks > 0 do
    local ids = redis.call('ZREVRANGEBYSCORE', free .. region, '+inf', living, 'LIMIT', 0,
      CANDIDATES)
    if #ids == 0 then
      return nil
    end
    while #ids > 0 do
      local h, left = usable(table.remove(ids, math.random(#ids)), region)
      if h then
        return h, left
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

-- The wanted host if it is free and in a wanted region, and how many slots it has left.
local function choose_wanted()
  local h, left = usable(wanted)
  if h and is_wanted_region(h.region) then
    return h, left
  end
  return nil
end

-- Looks at one region after the other, and lets reservations lapse that may hold its hosts before
-- it goes on to the next, until one is free or a bound is met. Returns the host and how many slots
-- it has left, or nil and whether there may still be one.
local function find_within_bounds()
  local places, look = regions, choose
  if wanted ~= '' then
    places, look = { wanted }, choose_wanted
  end
  local is_more, rounds = true, ROUNDS
  for _, place in ipairs(places) do
    local h, left = look(place)
    while not h and is_more and looks > 0 and rounds > 0 do
      is_more, rounds = reservation.lapse(p), rounds - 1
      h, left = look(place)
    end
    if h then
      return h, left
    end
    if is_more or looks == 0 then
      return nil, true
    end
  end
  return nil, false
end

-- Milliseconds until the caller may hold one more, or nil when it may now. What it holds of hosts
-- that died unseen is ended first; it is no more than the caller may hold.
local function wait()
  if may_hold_more then
    return nil
  end
  redis.call('ZREMRANGEBYSCORE', pending, '-inf', p.stamp)
  for _, held in ipairs(redis.call('ZRANGE', pending, 0, -1)) do
    local r = reservation.load(p, held)
    if r and not host.load(p, r.host) then
      reservation.finish(p, r, 'expired')
    end
  end
  if redis.call('ZCARD', pending) < tonumber(most) then
    return nil
  end
  return tonumber(redis.call('ZRANGE', pending, 0, 0, 'WITHSCORES')[2]) - p.now
end

local held = earlier(id) or remembered and earlier(remembered)
if held then
  return { p.news, 'found', held.id, held.host, held.room, held.region, held.deadline }
end
local milliseconds = wait()
if milliseconds then
  return { p.news, 'too_many', milliseconds }
end
local h, left = find_within_bounds()
if h then
  return reserve(h, left)
end
if left then
  return { p.news, 'more' }
end
local warming = redis.call('PTTL', registry.key(p, KEY.warming))
if warming > 0 then
  return { p.news, 'warming', warming }
end
return { p.news, 'none' }
