-- Accepts a sign of life of a game session, and debits when that is due.
--
-- KEYS[1]  the partition's clock
-- ARGV     session id, user, game of the caller's key
-- Reply    {'alive', play seconds, remaining seconds, grace seconds or -1}
--          | {'replaced', final play seconds} | {'ending'} | {'ended'} | {'not_found'}
-- Repeat   harmless: it renews the same life, and debits are totals.

local id, user, game = unpack(ARGV)
local p = hold.open(KEYS[1])
local m = meter.load(p, id)
if not m then
  local late = redis.call('HMGET', partition.key(p, KEY.ended, id), 'game', 'user', 'reason',
    'play')
  if late[1] ~= game or late[2] ~= user or late[3] == 'heartbeat_timeout' then
    return partition.reply(p, 'not_found')
  end
  if late[3] == 'replaced' then
    return partition.reply(p, 'replaced', number(late[4], 'play'))
  end
  return partition.reply(p, 'ended')
end
if m.game ~= game or m.user ~= user then
  return partition.reply(p, 'not_found')
end

if session.cause(p, m) then
  local account = cafe.of(p, m.cafe)
  local has_timed_out = not session.is_alive(p, m)
  local is_grace_over = session.is_grace_over(p, m)
  local cause = session.advance(p, m, account)
  if cause then
    session.close(p, m, account, cause, '')
    partition.close(p)
    if has_timed_out then
      return partition.reply(p, 'not_found')
    end
    return partition.reply(p, is_grace_over and m.state == 'grace' and 'ending' or 'ended')
  end
end

meter.accept(p, m)
local account = cafe.glance(p, m.cafe)
local gone = meter.exhausted_at(p, m, account)
if m.state == 'grace' or p.now >= m.due or (gone and p.now >= gone) then
  account = cafe.of(p, m.cafe)
  meter.step(p, m, account)
  meter.schedule(p, m, account)
elseif gone and gone < m.due then
  meter.schedule(p, m, account)
end
partition.close(p, p.base .. KEY.meter .. id, meter.text(m))
return partition.reply(p, meter.pulse(p, m, account, 'alive'))
