-- A game session's meter: every fact that is needed to bill it and to close it.
--
-- The meter never expires; the session key beside it does, and says whether the session is alive.
-- `held` are the milliseconds before the last heartbeat that lie in holds. Those after it are
-- counted anew whenever somebody asks: a session that never comes back ends before them.

local meter = {}

-- A meter is packed into one string, by the library `struct` of Redis. As a hash of 17 fields, each
-- of which Redis looks for from the beginning, it was a third of a heartbeat's work and 64 bytes
-- more; as a text with blanks, to take it apart was 4 µs more.
--
-- The numbers are doubles, which is what Lua has: first heartbeat or 0, last heartbeat, billed,
-- charged, held, deadline, seq, due, rate, start. Then come names, each of which ends with a zero
-- byte and can contain none: state, cafe, PC, game, user, address, launcher.
local FORMAT = '<ddddddddddsssssss'
-- What moves but the state comes first: so the rest, from there on, is not packed again each time.
local MOVING, REST = '<dddddddd', 65

-- The meter from its key's value. Whoever packs it in another way must change this and meter.text.
function meter.parse(id, text)
  local first, beat, billed, charged, held, deadline, seq, due, rate, start, state, cafe_id, pc_id,
    game, user, ip, launcher_id, rest = struct.unpack(FORMAT, text)
  if rest <= #text then
    error('the meter of ' .. id .. ' cannot be read')
  end
  return {
    id = id, rate = rate, start = start, first = first, beat = beat, billed = billed,
    charged = charged, held = held, deadline = deadline, seq = seq, due = due, state = state,
    cafe = cafe_id, pc = pc_id, game = game, user = user, ip = ip, launcher = launcher_id,
    packed = text,
  }
end

-- Reads the meters of a batch's sessions, and whether all of these live, which is usual: two
-- commands, where two for each session were a tenth of a step's work. Where not all live each is
-- asked; a meter that cannot be read is left to its step.
function meter.fetch(p, ids)
  local names, found, living = {}, {}, {}
  for i = 1, #ids do
    names[i] = p.base .. KEY.meter .. ids[i]
  end
  local texts = #ids > 0 and redis.call('MGET', unpack(names)) or {}
  for i = 1, #texts do
    local is_read, m = pcall(meter.parse, ids[i], texts[i])
    if is_read then
      p.batch.meters[m.id], found[#found + 1] = m, m
      living[#living + 1] = p.base .. KEY.session .. m.id
      living[#living + 1] = p.base .. KEY.launcher .. m.launcher
    end
  end
  if #found > 0 and redis.call('EXISTS', unpack(living)) == #living then
    for i = 1, #found do
      found[i].lives = true
    end
  end
end

-- The meter of a session, or nil when it does not live.
function meter.load(p, id)
  if p.batch and p.batch.meters[id] then
    return p.batch.meters[id]
  end
  local text = batch.get(p, p.base .. KEY.meter .. id)
  return text and meter.parse(id, text) or nil
end

-- The meter of the session in a PC's place, or nil.
function meter.on(p, place)
  return place.session ~= '' and meter.load(p, place.session) or nil
end

-- The key's value.
function meter.text(m)
  if m.packed then
    return struct.pack(MOVING, m.first, m.beat, m.billed, m.charged, m.held, m.deadline, m.seq,
      m.due) .. string.sub(m.packed, REST)
  end
  return struct.pack(FORMAT, m.first, m.beat, m.billed, m.charged, m.held, m.deadline, m.seq, m.due,
    m.rate, m.start, m.state, m.cafe, m.pc, m.game, m.user, m.ip, m.launcher)
end

-- Writes the meter.
function meter.save(p, m)
  batch.set(p, p.base .. KEY.meter .. m.id, meter.text(m))
end

-- Seconds of play from the start to an instant, held ones included.
function meter.played(m, at)
  return math.max(0, math.floor((at - m.start) / 1000))
end

-- The seconds of them that nobody pays because of a hold, to an instant not before the last
-- heartbeat. A second of which a part is held is held.
function meter.held(p, m, at)
  -- Nearly always.
  if m.held == 0 and #p.holds == 0 then
    return 0
  end
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
  if m.first == 0 then
    m.first = p.now
  end
  local key = p.base .. KEY.session .. m.id
  -- It is gone where a hold prolonged the life.
  if redis.call('PEXPIRE', key, 'SETTING.session_ttl') == 0 then
    redis.call('SET', key, '1', 'PX', 'SETTING.session_ttl')
  end
end

-- The instant to which debits may run: now, but never past the last heartbeat + one interval.
function meter.horizon(p, m)
  return math.min(p.now, m.beat + SETTING.heartbeat_interval)
end

-- Minutes, the most first.
local THRESHOLDS = SETTING.low_balance_minutes

-- Writes a line for each threshold of remaining time that the cafe has fallen below since it was
-- looked at last; `low` counts those that were told. One is told again only after the time has
-- been above it.
function meter.warn(p, account)
  local seconds, low = account.balance * 3600 / account.spending, 0
  for place = 1, #THRESHOLDS do
    local minutes = THRESHOLDS[place]
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
    cafe.set(account, 'low', low)
  end
end

-- Enters or leaves grace, and the set of those that are in it, which is there to be counted.
function meter.set_state(p, m, state, deadline)
  m.state, m.deadline, m.packed = state, deadline, nil
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
    ledger.append_charge(p, 'debit', m, -debit, account.balance)
  end
  meter.warn(p, account)
  if m.state == 'running' and exhausted then
    meter.set_state(p, m, 'grace', p.now + SETTING.grace)
    ledger.append_session(p, 'exhausted', m, {})
  elseif m.state == 'grace' and not exhausted then
    local minute = billing.cost(m.rate, billed + 60) - m.charged
    if account.balance >= minute then
      meter.set_state(p, m, 'running', 0)
      ledger.append_session(p, 'resumed', m, {})
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
  batch.schedule(p, m.id, m.due)
end

-- How long the account lasts at its rate of spending, in seconds, after what this session owes.
function meter.remaining(p, m, account)
  if m.state == 'grace' then
    return 0
  end
  local owed = billing.cost(m.rate, math.max(m.billed, meter.billable(p, m, p.now))) - m.charged
  return math.max(0, math.floor((account.balance - owed) * 3600 / account.spending))
end

-- What a client is told of a living session, as words: play seconds, remaining seconds, and the
-- seconds that the grace still lasts or -1.
function meter.pulse(p, m, account)
  local grace = '-1'
  if m.state == 'grace' then
    grace = int(math.max(0, math.floor((meter.deadline(p, m) - p.now) / 1000)))
  end
  return string.format('%d %d %s', meter.played(m, p.now), meter.remaining(p, m, account), grace)
end

return meter
