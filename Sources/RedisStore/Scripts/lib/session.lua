-- How a game session ends, once, with one reason, settled to its last proof of life.
-- Uses: partition, billing, ledger, cafe, pc, launcher, meter

local session = {}

-- Whether the session key lives: the truth about "alive".
function session.is_alive(p, m)
  return redis.call('EXISTS', partition.key(p, KEY.session, m.id)) == 1
end

-- Which cause has ended the session by now, and when it struck; nil while it lives. Of several the
-- earliest counts.
function session.cause(p, m)
  local cause, at = nil, math.huge
  if not session.is_alive(p, m) then
    cause, at = 'heartbeat_timeout', m.beat + SETTING.session_ttl
  end
  if m.state == 'grace' and p.now >= m.deadline and m.deadline < at then
    cause, at = 'charge_exhausted', m.deadline
  end
  if redis.call('EXISTS', partition.key(p, KEY.launcher, m.launcher)) == 0 then
    local member = launcher.member(m.launcher, m.cafe, m.pc)
    local silent = redis.call('ZSCORE', partition.key(p, KEY.due), member)
    silent = tonumber(silent or p.now)
    if silent < at then
      cause, at = 'launcher_timeout', silent
    end
  end
  return cause, at
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
    if m.beat >= m.start + (m.held + m.billed) * 1000 then
      return cause, m.deadline
    end
    return 'heartbeat_timeout', m.beat
  end
  return cause, m.beat
end

-- What closing for a cause would take from the balance (negative: give back), without doing it.
function session.settlement(p, m, account, cause)
  local _, ended_at = session.verdict(p, m, cause)
  local _, debit = billing.step(m.rate, m.billed, meter.billable(m, ended_at), account.balance)
  return debit
end

local function settle(p, m, account, ended_at)
  local played = meter.billable(m, ended_at)
  local billed, debit = billing.step(m.rate, m.billed, played, account.balance)
  m.billed, m.charged = billed, m.charged + debit
  if debit ~= 0 then
    cafe.add(account, 'balance', -debit)
    local kind = debit > 0 and 'debit' or 'reversal'
    ledger.append_session(p, kind, m, -debit, account.balance, {})
  end
end

local function forget(p, m, account)
  redis.call('DEL', partition.key(p, KEY.session, m.id), partition.key(p, KEY.meter, m.id))
  redis.call('ZREM', partition.key(p, KEY.due), m.id)
  redis.call('SREM', partition.key(p, KEY.live, m.cafe), m.id)
  pc.clear(p, account, m.pc, 'session', m.id)
  cafe.add(account, 'spending', -m.rate)
end

local function remember(p, m, ended, request)
  local record = partition.key(p, KEY.record, m.id)
  redis.call('HSET', record, 'cafe', m.cafe, 'pc', m.pc, 'game', m.game, 'user', m.user,
    'ip', m.ip, 'launcher', m.launcher, 'rate', int(m.rate), 'start', int(m.start),
    'first', m.first, 'beat', int(m.beat), 'end', int(ended.at), 'reason', ended.reason,
    'play', int(ended.play), 'billed', int(m.billed), 'unbilled', int(ended.unbilled),
    'held', int(m.held), 'charged', int(m.charged))
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
  local play = math.max(0, math.floor((ended_at - m.start) / 1000))
  local ended = {
    reason = reason, at = ended_at, play = play, unbilled = play - m.held - m.billed,
  }
  ledger.append_session(p, 'end', m, false, false, {
    'reason', reason, 'ended_at', ended_at,
    'first_heartbeat_at', m.first ~= '' and m.first, 'last_heartbeat_at', m.beat,
    'play_duration_sec', play, 'billable_sec', m.billed,
    'unbilled_grace_sec', ended.unbilled, 'held_sec', m.held,
  })
  forget(p, m, account)
  remember(p, m, ended, request)
  return reason, play
end
