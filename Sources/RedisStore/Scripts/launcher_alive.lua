-- Tells whether a launcher session is alive, without renewing it.
--
-- KEYS[1]  the partition's clock
-- ARGV     launcher session id
-- Reply    {'alive'} | {'gone'}
-- Repeat   harmless: it writes nothing but an outage that it is the first to notice.

local p = hold.open(KEYS[1], true)
return partition.reply(p, launcher.load(p, ARGV[1]) and 'alive' or 'gone')
