-- Removes what dead hosts left, and lets reservations lapse. A bounded batch; requests do not need
-- it, since they look at the hosts' keys.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     epoch as for registry.open, the most hosts to look at
-- Reply    {news, hosts removed, '1' if more is left to do}
-- Repeat   harmless: what was removed is not there any more.

-- Reservations that dead hosts take along in one batch. Fifty hosts could have 64 each, and their
-- ends alone would hold up everybody for 20 ms. The host that reaches the bound is still removed as
-- a whole, so a batch ends at most 63 more.
local ENDS = 64

-- Rounds of lapsing: 96 reservations, so that what a batch costs beside them hardly counts.
local ROUNDS = 3

-- Events that are kept. They are trimmed here, for to do it with each would cost a fifth more.
local EVENTS = 100000

local epoch, most = unpack(ARGV)
local p = registry.open(KEYS[1], epoch)
local is_more, rounds = true, ROUNDS
while is_more and rounds > 0 do
  is_more, rounds = reservation.lapse(p), rounds - 1
end
local silent = int(p.now - SETTING.host_ttl)
local ids = {}
for _, set in ipairs(roster.sets(p)) do
  local left = tonumber(most) - #ids
  if left > 0 then
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', set, '-inf', silent, 'LIMIT', 0, left)) do
      ids[#ids + 1] = id
    end
  end
end
local removed, ended = 0, 0
for _, id in ipairs(ids) do
  if ended >= ENDS then
    is_more = true
    break
  end
  -- A host that came back a moment ago has its key again, and a later score.
  if redis.call('EXISTS', registry.key(p, KEY.host, id)) == 0 then
    ended = ended + reservation.leave(p, id, 'expired')
    removed = removed + 1
  end
end
redis.call('XTRIM', registry.key(p, KEY.events), 'MAXLEN', '~', EVENTS)
-- Hosts that live on under a longer TTL than ours are no reason to look again at once.
is_more = is_more or removed > 0 and #ids == tonumber(most)
return { p.news, removed, is_more and '1' or '0' }
