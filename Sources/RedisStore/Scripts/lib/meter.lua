-- A game session's meter: every fact that is needed to bill it and to close it.
-- Uses: partition, billing, ledger, cafe
--
-- The meter never expires; the session key beside it does, and says whether the session is alive.

local meter = {}

local FIELDS = {
  'cafe', 'pc', 'game', 'user', 'ip', 'launcher', 'rate', 'start', 'first', 'beat',
  'billed', 'charged', 'held', 'state', 'deadline', 'seq', 'due',
}
local NUMBERS = {
  'rate', 'start', 'beat', 'billed', 'charged', 'held', 'deadline', 'seq', 'due',
}

-- The meter of a session, or nil when it does not live.
function meter.load(p, id)
  local row = redis.call('HMGET', partition.key(p, KEY.meter, id), unpack(FIELDS))
  if not row[1] then
    return nil
  end
  local m = { id = id }
  for i, field in ipairs(FIELDS) do
    m[field] = row[i]
  end
  for _, field in ipairs(NUMBERS) do
    m[field] = number(m[field], field .. ' of ' .. id)
  end
  return m
end

-- Writes a new meter.
function meter.create(p, m)
  local row = {}
  for _, field in ipairs(FIELDS) do
    row[#row + 1] = field
    row[#row + 1] = type(m[field]) == 'number' and int(m[field]) or m[field]
  end
  redis.call('HSET', partition.key(p, KEY.meter, m.id), unpack(row))
end

-- Writes what steps and heartbeats change.
function meter.save(p, m)
  redis.call('HSET', partition.key(p, KEY.meter, m.id), 'first', m.first,
    'beat', int(m.beat), 'billed', int(m.billed), 'charged', int(m.charged), 'state', m.state,
    'deadline', int(m.deadline), 'seq', int(m.seq), 'due', int(m.due))
end

-- Seconds of play from the start to an instant that count for money.
function meter.billable(m, at)
  return math.max(0, math.floor((at - m.start) / 1000) - m.held)
end

-- The instant to which debits may run: now, but never past the last heartbeat + one interval.
function meter.horizon(p, m)
  return math.min(p.now, m.beat + SETTING.heartbeat_interval)
end

-- Debits what is due, and enters or leaves grace. In grace new money is taken first; only when it
-- pays everything up to now and one minute more does the session resume, so that small top-ups do
-- not buy grace after grace.
function meter.step(p, m, account)
  local played = math.max(m.billed, meter.billable(m, meter.horizon(p, m)))
  local billed, debit, exhausted = billing.step(m.rate, m.billed, played, account.balance)
  m.billed = billed
  if debit > 0 then
    m.charged = m.charged + debit
    cafe.add(account, 'balance', -debit)
    ledger.append_session(p, 'debit', m, -debit, account.balance, {})
  end
  if m.state == 'running' and exhausted then
    m.state, m.deadline = 'grace', p.now + SETTING.grace
    ledger.append_session(p, 'exhausted', m, false, false, {})
  elseif m.state == 'grace' and not exhausted then
    local minute = billing.cost(m.rate, billed + 60) - m.charged
    if account.balance >= minute then
      m.state, m.deadline = 'running', 0
      ledger.append_session(p, 'resumed', m, false, false, {})
    end
  end
end

-- When the balance will be gone, plus the second after it; nil when that lies behind the horizon
-- that a further heartbeat opens.
function meter.exhausted_at(m, account)
  local covered = billing.covered(m.rate, m.charged + account.balance)
  local gone = m.start + (m.held + covered + 1) * 1000
  return gone <= m.beat + SETTING.heartbeat_interval and gone or nil
end

-- Sets when the session is looked at next: after a tick, or earlier when the money will be gone,
-- the grace will be over or the session key will have expired.
function meter.schedule(p, m, account)
  local due = math.min(p.now + SETTING.billing_tick, m.beat + SETTING.session_ttl)
  if m.state == 'grace' then
    due = math.min(due, m.deadline)
  else
    due = math.min(due, meter.exhausted_at(m, account) or due)
  end
  m.due = math.max(due, p.now + 1)
  redis.call('ZADD', partition.key(p, KEY.due), int(m.due), m.id)
end

-- How long the account lasts at its rate of spending, in seconds, after what this session owes.
function meter.remaining(p, m, account)
  if m.state == 'grace' then
    return 0
  end
  local owed = billing.cost(m.rate, math.max(m.billed, meter.billable(m, p.now))) - m.charged
  return math.max(0, math.floor((account.balance - owed) * 3600 / account.spending))
end

-- What a client is told of a living session: name, play seconds, remaining seconds, and the seconds
-- that the grace still lasts or -1.
function meter.pulse(p, m, account, name)
  local grace = -1
  if m.state == 'grace' then
    grace = math.max(0, math.floor((m.deadline - p.now) / 1000))
  end
  return name, math.floor((p.now - m.start) / 1000), meter.remaining(p, m, account), grace
end
