-- Does the step of a batch of entries that are due: ticks, grace deadlines, keys that expired.
--
-- KEYS[1]  the partition's clock
-- ARGV     the most entries to take
-- Reply    {entries done, milliseconds since the oldest of them was due, milliseconds by which the
--          clock lags its highest, sessions closed, debited mgcoin, cafes that fell silent as a
--          whole (separated by spaces), then for each entry that was set aside its member and the
--          fault}
-- Repeat   harmless: a step that was done is no longer due, and debits are totals. Cafes that fell
--          silent are named once, and stand in the ledger.

local p = hold.open(KEYS[1])
local due_key = partition.key(p, KEY.due)
local closed, debited, aside = 0, 0, {}
local silenced_key, back_key = partition.key(p, KEY.silenced), partition.key(p, KEY.back)
-- Each is followed by a blank.
local silent = string.gsub(redis.call('GET', silenced_key) or '', ' $', '')
if silent ~= '' then
  redis.call('DEL', silenced_key)
end

-- A clock that went back is told once, until it has caught up.
local is_told = redis.call('EXISTS', back_key) == 1
if p.behind > SETTING.clock_tolerance and not is_told then
  redis.call('SET', back_key, '1')
  ledger.append(p, 'clock', { 'reason', 'back', 'behind_ms', p.behind })
elseif p.behind == 0 and is_told then
  redis.call('DEL', back_key)
end

local function step_session(id)
  local m = meter.load(p, id)
  if not m then
    batch.unschedule(p, id)
    return
  end
  local account = cafe.of(p, m.cafe)
  local before = account.balance
  if session.tick(p, m, account) then
    closed = closed + 1
  end
  debited = debited + before - account.balance
end

local function step_launcher(member)
  local id, cafe_id, pc_id = string.match(member, '^([^|]+)|([^|]+)|(.+)$')
  local l = { id = id, cafe = cafe_id, pc = pc_id }
  local place = pc.load(p, cafe_id, pc_id)
  local ends = place.launcher == id and number(place.ends, 'end of ', id) or p.now
  if ends > p.now then
    batch.schedule(p, member, ends)
    return
  end
  local m = meter.on(p, place)
  ends = launcher.life(p, l, m and m.game or '')
  if ends > p.now then
    place.ends = int(ends)
    redis.call('SET', place.key, pc.text(place))
    batch.schedule(p, member, ends)
    return
  end
  local account = cafe.of(p, cafe_id)
  if m and m.launcher == id then
    local before = account.balance
    local cause = session.advance(p, m, account)
    session.close(p, m, account, cause or 'launcher_timeout', '')
    closed = closed + 1
    debited = debited + before - account.balance
  end
  launcher.remove(p, l, account)
end

-- Of the scores only the oldest is told: to write a number costs a fiftieth of a step.
local entries = redis.call('ZRANGEBYSCORE', due_key, '-inf', int(p.now), 'LIMIT', '0', ARGV[1])
local oldest = entries[1] and redis.call('ZSCORE', due_key, entries[1])
local sessions, steps = {}, {}
for i = 1, #entries do
  local is_launcher = string.find(entries[i], '|', 1, true)
  steps[i] = is_launcher and step_launcher or step_session
  if not is_launcher then
    sessions[#sessions + 1] = entries[i]
  end
end
batch.begin(p)
meter.fetch(p, sessions)
for i, member in ipairs(entries) do
  -- One bad entry must not hold up the others: it is set aside for an operator to look at.
  local done, fault = pcall(steps[i], member)
  if not done then
    fault = type(fault) == 'table' and fault.err or tostring(fault)
    -- What the step has changed of a meter and not written does not count.
    p.batch.meters = {}
    batch.unschedule(p, member)
    redis.call('HSET', partition.key(p, KEY.aside), member, fault)
    aside[#aside + 1] = member
    aside[#aside + 1] = fault
  end
end
batch.finish(p)
if #entries < number(ARGV[1], 'the most entries') then
  hold.prune(p)
end
partition.close(p)
local lag = oldest and p.now - oldest or 0
return partition.reply(p, #entries, lag, p.behind, closed, debited, silent,
  unpack(aside))
