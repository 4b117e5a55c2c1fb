-- How a game session ends, once, with one reason, settled to its last proof of life.

local session = {}

-- Whether the session key lives, which is the truth about "alive", or a hold prolongs its life.
function session.is_alive(p, m)
  if redis.call('EXISTS', p.base .. KEY.session .. m.id) == 1 then
    return true
  end
  return #p.holds > 0 and meter.life(p, m) > math.max(p.now, m.beat + SETTING.session_ttl)
end

-- Whether the session is in grace and the grace is over.
function session.is_grace_over(p, m)
  return m.state == 'grace' and p.now >= meter.deadline(p, m)
end

-- Which cause has ended the session by now; nil while it lives. Of several the earliest counts.
-- `lives` is given by who has seen the keys of the session and of its launcher: nearly always both
-- are there, and then there is no more to look at.
function session.cause(p, m, lives)
  lives = lives or m.lives
  if lives == nil then
    lives = 2 == redis.call('EXISTS', p.base .. KEY.session .. m.id,
      p.base .. KEY.launcher .. m.launcher)
  end
  if lives and not session.is_grace_over(p, m) then
    return nil
  end
  local cause, at = nil, math.huge
  if not session.is_alive(p, m) then
    cause, at = 'heartbeat_timeout', meter.life(p, m)
  end
  if session.is_grace_over(p, m) and meter.deadline(p, m) < at then
    cause, at = 'charge_exhausted', meter.deadline(p, m)
  end
  local l = { id = m.launcher, cafe = m.cafe, pc = m.pc }
  if not launcher.is_alive(p, l, m.game) and launcher.life(p, l, m.game) < at then
    cause = 'launcher_timeout'
  end
  return cause
end

-- Does what is due for a session, and tells which cause has ended it, or nil. A session whose grace
-- is over may still be resumed here by money that came in time.
function session.advance(p, m, account)
  local cause = session.cause(p, m)
  if cause and cause ~= 'charge_exhausted' then
    return cause
  end
  meter.step(p, m, account)
  return cause and session.cause(p, m)
end

-- The reason under which a cause is recorded, and the instant at which the session ended.
function session.verdict(p, m, cause)
  if cause == 'normal' or cause == 'launcher_exit' or cause == 'operator' then
    return cause, p.now
  end
  if cause == 'replaced' then
    return cause, meter.horizon(p, m)
  end
  if cause == 'charge_exhausted' then
    -- Without a heartbeat since the last paid second nobody says that it was played on.
    if meter.billable(p, m, m.beat) >= m.billed then
      return cause, meter.deadline(p, m)
    end
    return 'heartbeat_timeout', m.beat
  end
  return cause, m.beat
end

-- What closing for a cause would take from the balance (negative: give back), without doing it.
function session.settlement(p, m, account, cause)
  local _, ended_at = session.verdict(p, m, cause)
  local _, debit = billing.step(m.rate, m.billed, meter.billable(p, m, ended_at), account.balance)
  return debit
end

local function settle(p, m, account, ended_at)
  local played = meter.billable(p, m, ended_at)
  local billed, debit = billing.step(m.rate, m.billed, played, account.balance)
  m.billed, m.charged = billed, m.charged + debit
  if debit ~= 0 then
    cafe.add(account, 'balance', -debit)
    local kind = debit > 0 and 'debit' or 'reversal'
    ledger.append_charge(p, kind, m, -debit, account.balance)
  end
end

-- Takes a session that has ended from among the live ones.
function session.forget(p, m, account)
  redis.call('DEL', partition.key(p, KEY.session, m.id))
  batch.delete(p, partition.key(p, KEY.meter, m.id))
  if p.batch then
    p.batch.meters[m.id] = nil
  end
  batch.unschedule(p, m.id)
  redis.call('SREM', partition.key(p, KEY.live, m.cafe), m.id)
  redis.call('SREM', partition.key(p, KEY.grace), m.id)
  pc.clear_session(p, account, m.pc, m.id)
  cafe.add(account, 'spending', -m.rate)
end

-- Keeps what an ended session is asked for later: evidence, and the answer to late calls.
function session.remember(p, m, ended, request)
  local record = partition.key(p, KEY.record, m.id)
  redis.call('HSET', record, 'cafe', m.cafe, 'pc', m.pc, 'game', m.game, 'user', m.user,
    'ip', m.ip, 'launcher', m.launcher, 'rate', int(m.rate), 'start', int(m.start),
    'first', m.first > 0 and int(m.first) or '', 'beat', int(m.beat),
    'end', int(ended.at), 'reason', ended.reason,
    'play', int(ended.play), 'billed', int(m.billed), 'unbilled', int(ended.unbilled),
    'held', int(ended.held), 'charged', int(m.charged))
  redis.call('PEXPIRE', record, SETTING.record_retention)
  local history = partition.key(p, KEY.history, m.cafe)
  redis.call('ZADD', history, int(ended.at), m.id)
  redis.call('ZREMRANGEBYSCORE', history, '-inf', int(p.now - SETTING.record_retention))
  local late = partition.key(p, KEY.ended, m.id)
  redis.call('HSET', late, 'game', m.game, 'user', m.user, 'reason', ended.reason,
    'play', int(ended.play), 'request', request)
  redis.call('PEXPIRE', late, SETTING.ended_memory)
end

-- Closes the session. `request` is the id of the call that asked for it, or ''. Returns the reason
-- and the final seconds of play.
function session.close(p, m, account, cause, request)
  local reason, ended_at = session.verdict(p, m, cause)
  settle(p, m, account, ended_at)
  local play, held = meter.played(m, ended_at), meter.held(p, m, ended_at)
  local ended = {
    reason = reason, at = ended_at, play = play, held = held, unbilled = play - held - m.billed,
  }
  ledger.append_session(p, 'end', m, {
    'reason', reason, 'ended_at', ended_at,
    'first_heartbeat_at', m.first > 0 and m.first, 'last_heartbeat_at', m.beat,
    'play_duration_sec', play, 'billable_sec', m.billed,
    'unbilled_grace_sec', ended.unbilled, 'held_sec', held,
  })
  session.forget(p, m, account)
  session.remember(p, m, ended, request)
  if reason == 'heartbeat_timeout' then
    silence.note(p, m.cafe, m.id)
  end
  return reason, play
end

-- Does what is due for a session: closes it when a cause has ended it, else sets when it is looked
-- at next. Returns whether it was closed.
function session.tick(p, m, account)
  local cause = session.advance(p, m, account)
  if cause then
    session.close(p, m, account, cause, '')
    return true
  end
  meter.schedule(p, m, account)
  meter.save(p, m)
  return false
end

return session
