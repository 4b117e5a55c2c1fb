-- Reads how many hosts there are and what came of reservations, as the counts of one moment.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     none
-- Reply    {reservations that have not ended, how many outcomes follow, then each outcome and how
--          many reservations came to it, then each 'standing:region' and how many hosts are there}
-- Repeat   harmless: it changes nothing.

local base = registry.base(KEYS[1])
local outcomes = redis.call('HGETALL', base .. KEY.tally)
local reply = { redis.call('HLEN', base .. KEY.reservations), #outcomes / 2, unpack(outcomes) }
for _, value in ipairs(redis.call('HGETALL', base .. KEY.census)) do
  reply[#reply + 1] = value
end
return reply
