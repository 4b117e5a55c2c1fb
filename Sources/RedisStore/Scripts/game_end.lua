-- Ends a game session now and settles it.
--
-- KEYS[1]  the partition's clock
-- ARGV     session id, game of the caller's key or '' for an operator, cause ('normal' or
--          'operator'), request id
-- Reply    {'ended', final play seconds} | {'already'} | {'not_found'}
-- Repeat   harmless: the session remembers the id of the request that ended it, and answers the
--          same one as the first time.

local id, game, cause, request = unpack(ARGV)
local p = hold.open(KEYS[1], cause == 'operator')
local m = meter.load(p, id)
if not m then
  local late = redis.call('HMGET', partition.key(p, KEY.ended, id), 'game', 'reason', 'play',
    'request')
  if not late[1] or (game ~= '' and late[1] ~= game) then
    return partition.reply(p, 'not_found')
  end
  if late[4] == request then
    return partition.reply(p, 'ended', number(late[3], 'play'))
  end
  return partition.reply(p, late[2] == 'heartbeat_timeout' and 'not_found' or 'already')
end
if game ~= '' and m.game ~= game then
  return partition.reply(p, 'not_found')
end

local account = cafe.of(p, m.cafe)
local timed_out = not session.is_alive(p, m)
local earlier = session.advance(p, m, account)
if earlier then
  local reason = session.close(p, m, account, earlier, '')
  partition.close(p)
  local is_unknown = timed_out or reason == 'heartbeat_timeout'
  return partition.reply(p, is_unknown and 'not_found' or 'already')
end
local _, play = session.close(p, m, account, cause, request)
partition.close(p)
return partition.reply(p, 'ended', play)
