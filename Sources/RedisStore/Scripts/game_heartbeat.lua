-- Accepts a sign of life of a game session, and debits when that is due.
--
-- KEYS[1]  the partition's clock
-- ARGV     session id, user, game of the caller's key
-- Reply    'alive', play seconds, remaining seconds and grace seconds or -1, as one line
--          | {'replaced', final play seconds} | {'ending'} | {'ended'} | {'not_found'}
-- Repeat   harmless: it renews the same life, and debits are totals.

local id, user, game = unpack(ARGV)
local base = partition.base(KEYS[1])
-- Reads that go together are one command each: a further key costs a fifth of a further command.
local texts = redis.call('MGET', KEYS[1], base .. KEY.meter .. id, base .. KEY.session .. id)
local p = hold.open(KEYS[1], false, texts[1])
local m = texts[2] and meter.parse(id, texts[2])
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

local more = redis.call('MGET', base .. KEY.launcher .. m.launcher, base .. KEY.account .. m.cafe)
if session.cause(p, m, texts[3] and more[1]) then
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
local account = cafe.glance(p, m.cafe, more[2])
local gone = meter.exhausted_at(p, m, account)
if m.state == 'grace' or p.now >= m.due or (gone and p.now >= gone) then
  account = cafe.of(p, m.cafe)
  meter.step(p, m, account)
  meter.schedule(p, m, account)
elseif gone and gone < m.due then
  meter.schedule(p, m, account)
end
partition.close(p, base .. KEY.meter .. id, meter.text(m))
return int(p.seq) .. ' alive ' .. meter.pulse(p, m, account)
