-- Finds a free host and reserves a slot of it, in one step. The choice is among the hosts heard
-- last; how many hosts there are does not matter. The TTL of a host is never touched.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     epoch as for registry.open, new reservation id, caller's address, the most pending
--          reservations of an address or '', idempotency key or '', the wanted host or '', then the
--          regions in their order; none means any. What is '' at the end may be left out: each
--          argument is 1 % of a search
-- Reply    a line of words with a blank between them, for an array is 6 % of a search: news, then
--          'found', reservation id, host, room, region, until in ms | 'none' | 'warming', ms
--          | 'too_many', ms
--          | 'more': a bound was met before it was known that none is free; call again
-- Repeat   harmless: the id is made before sending, and one that is there is answered again.

local epoch, id, address, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4] or ''
local idempotency, wanted = ARGV[5] or '', ARGV[6] or ''
local base, stamp = registry.base(KEYS[1]), registry.stamp()
-- The caller's pending reservations, which nobody counts without a limit. Most often there is none,
-- or far fewer than it may have.
local counted, may_hold_more = '-', true
if most ~= '' then
  counted = address
  may_hold_more = redis.call('LLEN', base .. KEY.address .. address) < tonumber(most)
end
local key = idempotency ~= '' and base .. KEY.idempotency .. address .. ':' .. idempotency
local remembered = key and redis.call('GET', key)
local deadline = int(stamp + SETTING.match_reservation)
-- A number that the id brings along; it is random.
local chance = tonumber(string.sub(id, -7), 16)

-- Most searches end here, with one of the hosts that were heard last in the first region, wherever
-- it stands among them. Nothing is built yet that only others need, and the epoch is not looked at.
local first, place = ARGV[7], chance
if wanted == '' and not remembered and may_hold_more and registry.is_known(epoch) then
  if not first then
    first, place = host.choose_region(base, stamp, chance)
  end
  local set = base .. KEY.free .. (first or '')
  local candidate = host.at(set, place % host.CANDIDATES)
    -- Fewer are free than there are candidates.
    or host.at(set, place % math.max(1, redis.call('ZCARD', set)) % host.CANDIDATES)
  local room, region, bound
  if candidate then
    room, region, bound = host.offer(base, candidate)
  end
  local reply = room
    and reservation.make(base, id, counted, deadline, key, candidate, room, region, bound)
  if reply then
    return reply
  end
end

local p = registry.open(KEYS[1], epoch, stamp)
-- Regions in which the host may be, in order. Of several any of which will do, the one that was
-- chosen comes first.
local regions = { unpack(ARGV, 7) }
local is_any = #regions == 0
if is_any then
  regions = host.idle_regions(base)
  for i, region in ipairs(regions) do
    if region == first then
      regions[1], regions[i] = regions[i], regions[1]
    end
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

-- The host if it may be handed out. Any other is taken out of the free ones, of the given region
-- when it is dead.
local function usable(candidate, region)
  local h = host.load(p, candidate)
  if h and host.free(p, h) > 0 then
    return h
  end
  if h then
    roster.index(p, h)
  elseif region then
    host.move(candidate, base .. KEY.free .. region, base .. KEY.others)
  end
  return nil
end

-- A free host of a region. Nil as long as looks are left says that there is none.
local function choose(region)
  while looks > 0 do
    local ids = redis.call('ZREVRANGEBYSCORE', base .. KEY.free .. region, '+inf', living,
      'LIMIT', 0, host.CANDIDATES)
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

-- The wanted host if it is free and in a wanted region.
local function choose_wanted()
  local h = usable(wanted)
  return h and is_wanted_region(h.region) and h or nil
end

-- Looks at one region after the other, and lets reservations lapse that may hold its hosts before
-- it goes on to the next, until one is free or a bound is met. Returns the host, or nil and whether
-- there may still be one.
local function find_within_bounds()
  local places, look = regions, choose
  if wanted ~= '' then
    places, look = { wanted }, choose_wanted
  end
  local is_more, rounds = true, ROUNDS
  for _, one in ipairs(places) do
    local h = look(one)
    while not h and is_more and looks > 0 and rounds > 0 do
      is_more, rounds = reservation.lapse(p), rounds - 1
      h = look(one)
    end
    if h then
      return h, false
    end
    if is_more or looks == 0 then
      return nil, true
    end
  end
  return nil, false
end

-- Milliseconds until the caller may hold one more, or nil when it may now. What it holds that is
-- over, or of hosts that died unseen, is ended first; it is no more than the caller may hold.
local function wait()
  if may_hold_more then
    return nil
  end
  local left, soonest = 0, math.huge
  local ids = redis.call('LRANGE', base .. KEY.address .. address, '0', '-1')
  for _, r in ipairs(reservation.load_all(p, ids)) do
    local is_over, h = r.deadline <= p.now, host.load(p, r.host)
    if is_over or not h then
      reservation.finish(p, r, is_over and 'lapsed' or 'expired')
      if h then
        roster.index(p, h)
      end
    else
      left, soonest = left + 1, math.min(soonest, r.deadline)
    end
  end
  return left >= tonumber(most) and soonest - p.now or nil
end

local held = earlier(id) or remembered and earlier(remembered)
if held then
  return table.concat(
    { p.news, 'found', held.id, held.host, held.room, held.region, int(held.deadline) }, ' ')
end
local milliseconds = wait()
if milliseconds then
  return p.news .. ' too_many ' .. int(milliseconds)
end
local h, is_more = find_within_bounds()
if h then
  return p.news .. reservation.make(base, id, counted, deadline, key, h.id, h.room, h.region,
    host.bound(p, h))
end
if is_more then
  return p.news .. ' more'
end
local warming = redis.call('PTTL', registry.key(p, KEY.warming))
if warming > 0 then
  return p.news .. ' warming ' .. int(warming)
end
return p.news .. ' none'
