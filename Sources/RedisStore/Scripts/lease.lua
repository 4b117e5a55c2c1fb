-- Takes or renews the right to do some work alone. The number that comes with it grows each time
-- the right changes hands, so that whoever held it before can be told apart.
--
-- KEYS[1]  the clock of the partition that keeps the lease
-- ARGV     name of the work, holder, milliseconds for which it is granted
-- Reply    {number} | {0, who holds it}
-- Repeat   harmless: the holder gets the same number again.

local name, holder, duration = unpack(ARGV)
local p = partition.open(KEYS[1])
local lease = partition.key(p, KEY.lease, name)
local present = redis.call('GET', lease)
if present and present ~= holder then
  return partition.reply(p, 0, present)
end
local number = partition.key(p, KEY.lease_number, name)
if not present then
  redis.call('INCR', number)
end
redis.call('SET', lease, holder, 'PX', duration)
return partition.reply(p, tonumber(redis.call('GET', number)))
