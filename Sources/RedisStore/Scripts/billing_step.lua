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
local silent = p.silent or ''
if p.silent then
  redis.call('HDEL', KEYS[1], 'silent')
  p.silent = nil
end

-- A clock that went back is told once, until it has caught up.
if p.behind > SETTING.clock_tolerance and not p.back then
  redis.call('HSET', KEYS[1], 'back', '1')
  ledger.append(p, 'clock', { 'reason', 'back', 'behind_ms', p.behind })
elseif p.behind == 0 and p.back then
  redis.call('HDEL', KEYS[1], 'back')
end

local function step_session(id)
  local m = meter.load(p, id)
  if not m then
    redis.call('ZREM', due_key, id)
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
  local left = redis.call('PTTL', partition.key(p, KEY.launcher, id))
  if left > 0 then
    redis.call('ZADD', due_key, int(p.now + left), member)
    return
  end
  local _, session_id = pc.load(p, cafe_id, pc_id)
  local m = session_id and meter.load(p, session_id)
  local ends = launcher.life(p, l, m and m.game or '')
  if ends > p.now then
    redis.call('ZADD', due_key, int(ends), member)
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

local entries = redis.call('ZRANGEBYSCORE', due_key, '-inf', int(p.now), 'WITHSCORES', 'LIMIT', 0,
  ARGV[1])
for i = 1, #entries, 2 do
  local member = entries[i]
  local step = string.find(member, '|', 1, true) and step_launcher or step_session
  -- One bad entry must not hold up the others: it is set aside for an operator to look at.
  local done, fault = pcall(step, member)
  if not done then
    fault = type(fault) == 'table' and fault.err or tostring(fault)
    redis.call('ZREM', due_key, member)
    redis.call('HSET', partition.key(p, KEY.aside), member, fault)
    aside[#aside + 1] = member
    aside[#aside + 1] = fault
  end
end
if #entries / 2 < number(ARGV[1], 'the most entries') then
  hold.prune(p)
end
partition.close(p)
local lag = entries[2] and p.now - tonumber(entries[2]) or 0
return partition.reply(p, #entries / 2, lag, p.behind, closed, debited, silent,
  unpack(aside))
