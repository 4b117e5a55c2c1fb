#!lua
-- Takes or renews the right to archive a group of partitions. The number that comes with it grows
-- each time the right changes hands, so that whoever held it before cannot trim any more.
-- Uses: partition
--
-- KEYS[1]  the clock of the group's first partition
-- ARGV     holder, milliseconds for which it is granted
-- Reply    {number} | {0, who holds it}
-- Repeat   harmless: the holder gets the same number again.

local holder, duration = unpack(ARGV)
local p = partition.open(KEYS[1])
local lease = partition.key(p, KEY.archive_lease)
local present = redis.call('GET', lease)
if present and present ~= holder then
  return partition.reply(p, 0, present)
end
local number = partition.key(p, KEY.archive_number)
if not present then
  redis.call('INCR', number)
end
redis.call('SET', lease, holder, 'PX', duration)
return partition.reply(p, tonumber(redis.call('GET', number)))
