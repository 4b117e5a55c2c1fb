-- Issues a one-time token for a game to a living launcher session.
--
-- KEYS[1]  the partition's clock
-- ARGV     launcher session id, new token, game, rate
-- Reply    {'issued'} | {'not_chargeable'} | {'gone'}
-- Repeat   harmless: the token is made before sending and is written as the first time.

local id, token, game, rate = unpack(ARGV)
local p = hold.open(KEYS[1])
local l = launcher.load(p, id)
if not l then
  return partition.reply(p, 'gone')
end
local account = cafe.of(p, l.cafe)
local replaced, cause = admission.replaced(p, pc.load(p, l.cafe, l.pc))
if not admission.is_chargeable(p, account, number(rate, 'rate'), replaced, cause) then
  return partition.reply(p, 'not_chargeable')
end
local key = partition.key(p, KEY.ott, token)
-- What follows is told when it is used: see game_verify.
local text = l.cafe .. ' ' .. l.pc .. ' ' .. id .. ' ' .. game .. '   '
redis.call('SET', key, text, 'PX', 'SETTING.token_ttl')
partition.close(p)
return partition.reply(p, 'issued')
