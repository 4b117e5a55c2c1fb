-- Removes lines from a partition's ledger that are archived. The last archived one stays, so that
-- the service can tell whether this Redis is the one that it archived.
--
-- KEYS[1]  the partition's clock
-- ARGV     number of the right to archive, stream id of the line to keep
-- Reply    {'trimmed', lines removed} | {'stale'}: another instance has the right by now
-- Repeat   harmless: what is gone is gone.

local number, keep = tonumber(ARGV[1]), ARGV[2]
local p = partition.open(KEYS[1])
local seen = partition.key(p, KEY.archive_seen)
if number < tonumber(redis.call('GET', seen) or 0) then
  return partition.reply(p, 'stale')
end
redis.call('SET', seen, int(number))
local ledger = partition.key(p, KEY.ledger)
return partition.reply(p, 'trimmed', redis.call('XTRIM', ledger, 'MINID', keep))
