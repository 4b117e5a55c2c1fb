-- Ends a launcher session and the game session on its PC.
--
-- KEYS[1]  the partition's clock
-- ARGV     launcher session id, request id
-- Reply    {'ended'} | {'gone'}
-- Repeat   harmless: the id of the request that ended it is remembered and answered as the first
--          time.

local id, request = unpack(ARGV)
local p = hold.open(KEYS[1])
local late = partition.key(p, KEY.ended, id)
local l = launcher.load(p, id)
if not l then
  return partition.reply(p, redis.call('GET', late) == request and 'ended' or 'gone')
end
local account = cafe.of(p, l.cafe)
local m = meter.on(p, pc.load(p, l.cafe, l.pc))
if m then
  session.close(p, m, account, session.advance(p, m, account) or 'launcher_exit', '')
end
launcher.remove(p, l, account)
redis.call('SET', late, request, 'PX', SETTING.ended_memory)
partition.close(p)
return partition.reply(p, 'ended')
