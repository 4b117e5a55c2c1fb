-- Trades a one-time token for a game session: consumes the token, ends the session that is still
-- live on the PC as replaced, creates the new one and starts billing, all or nothing.
--
-- KEYS[1]  the partition's clock
-- ARGV     token, new session id, game, user, rate, '1' if the game admits players,
--          idempotency key or ''
-- Reply    {'started', session id} | {'refused', reason} | {'clock'}: the clock went back
-- Repeat   harmless: the session id is made before sending, and a used token that carries it
--          answers as the first time; so does one with the same user and idempotency key.

local token, id, game, user, rate, admits, idempotency = unpack(ARGV)
local p = hold.open(KEYS[1])
if p.behind > SETTING.clock_tolerance then
  return partition.reply(p, 'clock')
end

local token_key = partition.key(p, KEY.ott, token)
-- What a token stands for, and after a blank each the session, user and idempotency key, if it is
-- used.
local cafe_id, pc_id, launcher_id, token_game, used_by, used_for, used_with = string.match(
  redis.call('GET', token_key) or '', '^(%S+) (%S+) (%S+) (%S+) (%S*) (%S*) (.*)$')
if not cafe_id then
  return partition.reply(p, 'refused', 'OTT_EXPIRED')
end
if token_game ~= game then
  return partition.reply(p, 'refused', 'GAME_MISMATCH')
end
if used_by ~= '' then
  local is_repeat = used_by == id
    or (idempotency ~= '' and used_with == idempotency and used_for == user)
  if is_repeat then
    return partition.reply(p, 'started', used_by)
  end
  return partition.reply(p, 'refused', 'OTT_ALREADY_USED')
end
local l = launcher.load(p, launcher_id)
if not l then
  return partition.reply(p, 'refused', 'OTT_EXPIRED')
end

rate = number(rate, 'rate')
local account = cafe.of(p, cafe_id)
local place = pc.load(p, cafe_id, pc_id)
local replaced, cause = admission.replaced(p, place)
if admits ~= '1' or not admission.is_chargeable(p, account, rate, replaced, cause) then
  return partition.reply(p, 'refused', 'NOT_CHARGEABLE')
end

if replaced then
  session.close(p, replaced, account, session.advance(p, replaced, account) or 'replaced', '')
  place = pc.load(p, cafe_id, pc_id)
end
local m = {
  id = id, cafe = cafe_id, pc = pc_id, game = game, user = user, ip = l.ip,
  launcher = launcher_id, rate = rate, start = p.now, first = 0, beat = p.now,
  billed = 0, charged = 0, held = 0, state = 'running', deadline = 0, seq = 0, due = 0,
}
local used = id .. ' ' .. user .. ' ' .. idempotency
local issued = cafe_id .. ' ' .. pc_id .. ' ' .. launcher_id .. ' ' .. game
redis.call('SET', token_key, issued .. ' ' .. used, 'PX', 'SETTING.ended_memory')
redis.call('SET', partition.key(p, KEY.session, id), '1', 'PX', 'SETTING.session_ttl')
redis.call('SADD', partition.key(p, KEY.live, cafe_id), id)
pc.set_session(account, place, id)
cafe.add(account, 'spending', rate)
meter.schedule(p, m, account)
-- Nothing can fail between this line and the end.
p.is_closing = true
ledger.append_session(p, 'start', m, {
  'provider_user_id', user, 'external_ip', l.ip, 'launcher_session_id', launcher_id,
  'rate_mgcoin_per_hour', rate,
})
partition.close(p, partition.key(p, KEY.meter, id), meter.text(m))
return partition.reply(p, 'started', id)
