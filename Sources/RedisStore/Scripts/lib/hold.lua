-- Holds: times that nobody pays for and in which nobody is thrown out, because the service was away
-- or an operator said so.
--
-- The clock's list of holds has those that may still matter to something alive, in the order of
-- their begin, each as `<from>,<until>,<cafe>,<game>;`, where nothing stands for "still on", "every
-- cafe" and "every game". A hold never begins before a heartbeat that was accepted: so a meter
-- takes over what lies before its latest one, and the list stays short. What leaves the list goes
-- to the set of past holds.

local hold = {}

local function read(p)
  local holds = {}
  if p.hold_text == '' then
    return holds
  end
  local pattern = '(%d+),(%d*),([^,]*),([^;]*);'
  for from, till, cafe_id, game_id in string.gmatch(p.hold_text, pattern) do
    holds[#holds + 1] = {
      from = tonumber(from), till = tonumber(till) or p.now, is_on = till == '',
      cafe = cafe_id, game = game_id,
    }
  end
  return holds
end

local function text(h)
  local till = h.is_on and '' or int(h.till)
  return table.concat({ int(h.from), till, h.cafe, h.game }, ',') .. ';'
end

local function by_begin(a, b)
  return a.from < b.from
end

-- Writes the list.
function hold.save(p)
  table.sort(p.holds, by_begin)
  local texts = {}
  for i, h in ipairs(p.holds) do
    texts[i] = text(h)
  end
  p.hold_text = table.concat(texts)
  partition.write(p)
end

-- Opens the partition with its holds; one that is on counts as if it ended now.
function hold.look(clock_key, stored)
  local p = partition.open(clock_key, stored)
  p.holds = read(p)
  return p
end

-- The places of the holds of everything that are over, the earliest first.
local function outages(p)
  local places = {}
  for i, h in ipairs(p.holds) do
    if h.cafe == '' and h.game == '' and not h.is_on then
      places[#places + 1] = i
    end
  end
  return places
end

-- Makes place in a list that is full: its earliest two outages become one. That gives the time
-- between them to whoever has been silent since, and to nobody else.
local function make_place(p)
  local places = outages(p)
  if #p.holds >= SETTING.maximum_holds and #places > 1 then
    local merged = table.remove(p.holds, places[2])
    p.holds[places[1]].till = math.max(p.holds[places[1]].till, merged.till)
  end
end

-- Records that the service was away until now. An outage that follows another at once prolongs it.
local function record(p)
  local from, places = p.served, outages(p)
  local last = p.holds[places[#places]]
  if last and last.from <= from and from <= last.till then
    last.till = p.now
  else
    make_place(p)
    p.holds[#p.holds + 1] = { from = from, till = p.now, is_on = false, cafe = '', game = '' }
  end
  p.served = p.now
  hold.save(p)
  ledger.append(p, 'outage', { 'reason', 'service', 'held_from', from, 'held_until', p.now })
end

-- Opens the partition for a script that judges how long something has been silent. The first one
-- after an outage records it, before it judges anything. A clock that jumps forward looks the same
-- and is held the same. A script that serves players is a proof that the service is there; what an
-- operator does by hand is none. `stored` is as for partition.open.
function hold.open(clock_key, is_by_hand, stored)
  local p = hold.look(clock_key, stored)
  p.is_service = not is_by_hand
  local limit = SETTING.outage_hold
  if limit > 0 and p.served and p.now - p.served > limit then
    record(p)
  end
  return p
end

local function applies(h, cafe_id, game_id)
  return (h.cafe == '' or h.cafe == cafe_id) and (h.game == '' or h.game == game_id)
end

-- Whether a hold is on for a cafe and a game.
function hold.is_on(p, cafe_id, game_id)
  for i = 1, #p.holds do
    local h = p.holds[i]
    if h.is_on and applies(h, cafe_id, game_id) then
      return true
    end
  end
  return false
end

-- Milliseconds between two instants that lie in a hold; where several overlap they count once.
function hold.overlap(p, cafe_id, game_id, from, to)
  local held, reached = 0, from
  for i = 1, #p.holds do
    local h = p.holds[i]
    if h.from < to and h.till > reached and applies(h, cafe_id, game_id) then
      local till = math.min(h.till, to)
      held = held + till - math.max(h.from, reached)
      reached = till
    end
  end
  return held
end

-- When a life ends that would end at an instant: whatever lived when a hold began gets one more
-- TTL from its end on.
function hold.life(p, cafe_id, game_id, ends, ttl)
  for i = 1, #p.holds do
    local h = p.holds[i]
    if h.from < ends and applies(h, cafe_id, game_id) then
      ends = math.max(ends, h.till + ttl)
    end
  end
  return ends
end

-- A deadline that moves on by the held time that began before it and lies after an instant.
function hold.postponed(p, cafe_id, game_id, from, deadline)
  local reached = from
  for i = 1, #p.holds do
    local h = p.holds[i]
    if h.from < deadline and h.till > reached and applies(h, cafe_id, game_id) then
      deadline = deadline + h.till - math.max(h.from, reached)
      reached = h.till
    end
  end
  return deadline
end

-- Whether something that lived in a hold may live without a heartbeat since: it has just ended, or
-- a later one that is kept began before such a life was over.
local function matters(p, h, kept)
  if h.till >= p.now - SETTING.hold_memory then
    return true
  end
  for _, later in ipairs(kept) do
    local is_same_cafe = h.cafe == later.cafe or h.cafe == '' or later.cafe == ''
    local is_same_game = h.game == later.game or h.game == '' or later.game == ''
    if is_same_cafe and is_same_game and h.till >= later.from - SETTING.hold_memory then
      return true
    end
  end
  return false
end

-- Moves holds that matter to nothing alive to the past. Call it only when nothing is due: then
-- whatever lives has had its heartbeat since these holds, and its meter has taken them over.
function hold.prune(p)
  local kept, past = {}, partition.key(p, KEY.past_holds)
  table.sort(p.holds, function(a, b) return a.till > b.till end)
  for _, h in ipairs(p.holds) do
    if matters(p, h, kept) then
      kept[#kept + 1] = h
    else
      redis.call('ZADD', past, int(h.till), text(h))
    end
  end
  if #kept < #p.holds then
    p.holds = kept
    hold.save(p)
    redis.call('ZREMRANGEBYSCORE', past, '-inf', int(p.now - SETTING.record_retention))
  end
end

-- A partition with all the holds that ended after an instant, for whoever looks back.
function hold.history(p, since)
  local texts = redis.call('ZRANGEBYSCORE', partition.key(p, KEY.past_holds), int(since), '+inf')
  local all = read({ now = p.now, hold_text = table.concat(texts) })
  for _, h in ipairs(p.holds) do
    all[#all + 1] = h
  end
  table.sort(all, by_begin)
  return { now = p.now, holds = all }
end

return hold
