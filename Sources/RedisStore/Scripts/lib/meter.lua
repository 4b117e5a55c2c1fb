-- A game session's meter: every fact that is needed to bill it and to close it.
--
-- The meter never expires; the session key beside it does, and says whether the session is alive.
-- `held` are the milliseconds before the last heartbeat that lie in holds. Those after it are
-- counted anew whenever somebody asks: a session that never comes back ends before them.

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
    'deadline', int(m.deadline), 'seq', int(m.seq), 'due', int(m.due), 'held', int(m.held))
end

-- Seconds of play from the start to an instant, held ones included.
function meter.played(m, at)
  return math.max(0, math.floor((at - m.start) / 1000))
end

-- The seconds of them that nobody pays because of a hold, to an instant not before the last
-- heartbeat. A second of which a part is held is held.
function meter.held(p, m, at)
  local held = m.held + hold.overlap(p, m.cafe, m.game, m.beat, at)
  return math.min(math.ceil(held / 1000), meter.played(m, at))
end

-- The seconds of them that count for money.
function meter.billable(p, m, at)
  return meter.played(m, at) - meter.held(p, m, at)
end

-- When the grace is over.
function meter.deadline(p, m)
  local from = math.max(m.beat, m.deadline - SETTING.grace)
  return hold.postponed(p, m.cafe, m.game, from, m.deadline)
end

-- When the session's life ends unless a heartbeat comes.
function meter.life(p, m)
  return hold.life(p, m.cafe, m.game, m.beat + SETTING.session_ttl, SETTING.session_ttl)
end

-- Accepts a heartbeat now, and takes over the holds that lie before it.
function meter.accept(p, m)
  if m.state == 'grace' then
    m.deadline = meter.deadline(p, m)
  end
  m.held = m.held + hold.overlap(p, m.cafe, m.game, m.beat, p.now)
  m.beat = p.now
  if m.first == '' then
    m.first = int(p.now)
  end
  redis.call('SET', partition.key(p, KEY.session, m.id), '1', 'PX', SETTING.session_ttl)
end

-- The instant to which debits may run: now, but never past the last heartbeat + one interval.
function meter.horizon(p, m)
  return math.min(p.now, m.beat + SETTING.heartbeat_interval)
end

-- Writes a line for each threshold of remaining time that the cafe has fallen below since it was
-- looked at last; `low` counts those that were told. One is told again only after the time has
-- been above it.
function meter.warn(p, account)
  local seconds, low = account.balance * 3600 / account.spending, 0
  for place, minutes in ipairs(SETTING.low_balance_minutes) do
    if seconds < minutes * 60 then
      low = place
      if place > account.low then
        ledger.append(p, 'low_balance', {
          'cafe_id', account.id, 'balance_mgcoin', account.balance, 'threshold_minutes', minutes,
        })
      end
    end
  end
  if low ~= account.low then
    account.low = low
    redis.call('HSET', account.key, 'low', int(low))
  end
end

-- Enters or leaves grace, and the set of those that are in it, which is there to be counted.
function meter.set_state(p, m, state, deadline)
  m.state, m.deadline = state, deadline
  redis.call(state == 'grace' and 'SADD' or 'SREM', partition.key(p, KEY.grace), m.id)
end

-- Debits what is due, and enters or leaves grace. In grace new money is taken first; only when it
-- pays everything up to now and one minute more does the session resume, so that small top-ups do
-- not buy grace after grace.
function meter.step(p, m, account)
  local played = math.max(m.billed, meter.billable(p, m, meter.horizon(p, m)))
  local billed, debit, exhausted = billing.step(m.rate, m.billed, played, account.balance)
  m.billed = billed
  if debit > 0 then
    m.charged = m.charged + debit
    cafe.add(account, 'balance', -debit)
    ledger.append_session(p, 'debit', m, -debit, account.balance, {})
  end
  meter.warn(p, account)
  if m.state == 'running' and exhausted then
    meter.set_state(p, m, 'grace', p.now + SETTING.grace)
    ledger.append_session(p, 'exhausted', m, false, false, {})
  elseif m.state == 'grace' and not exhausted then
    local minute = billing.cost(m.rate, billed + 60) - m.charged
    if account.balance >= minute then
      meter.set_state(p, m, 'running', 0)
      ledger.append_session(p, 'resumed', m, false, false, {})
    end
  end
end

-- When the balance will be gone, plus the second after it, unless a hold comes; nil when that lies
-- behind the horizon that a further heartbeat opens.
function meter.exhausted_at(p, m, account)
  local covered = billing.covered(m.rate, m.charged + account.balance)
  local gone = m.start + (meter.held(p, m, p.now) + covered + 1) * 1000
  return gone <= m.beat + SETTING.heartbeat_interval and gone or nil
end

-- Sets when the session is looked at next: after a tick, or earlier when the money will be gone,
-- the grace will be over or the session's life will have ended. While a hold is on nothing ends
-- and nothing is spent, so ticks are enough.
function meter.schedule(p, m, account)
  local due = p.now + SETTING.billing_tick
  if not hold.is_on(p, m.cafe, m.game) then
    due = math.min(due, meter.life(p, m))
    if m.state == 'grace' then
      due = math.min(due, meter.deadline(p, m))
    else
      due = math.min(due, meter.exhausted_at(p, m, account) or due)
    end
  end
  m.due = math.max(due, p.now + 1)
  redis.call('ZADD', partition.key(p, KEY.due), int(m.due), m.id)
end

-- How long the account lasts at its rate of spending, in seconds, after what this session owes.
function meter.remaining(p, m, account)
  if m.state == 'grace' then
    return 0
  end
  local owed = billing.cost(m.rate, math.max(m.billed, meter.billable(p, m, p.now))) - m.charged
  return math.max(0, math.floor((account.balance - owed) * 3600 / account.spending))
end

-- What a client is told of a living session: name, play seconds, remaining seconds, and the seconds
-- that the grace still lasts or -1.
function meter.pulse(p, m, account, name)
  local grace = -1
  if m.state == 'grace' then
    grace = math.max(0, math.floor((meter.deadline(p, m) - p.now) / 1000))
  end
  return name, meter.played(m, p.now), meter.remaining(p, m, account), grace
end

return meter
