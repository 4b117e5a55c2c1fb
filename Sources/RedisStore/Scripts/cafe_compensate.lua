-- Credits a share of what some sessions of a cafe were billed in a period. The caller gives it all
-- of the cafe's sessions, batch after batch with one reference, and tells with the last.
--
-- KEYS[1]  the partition's clock
-- ARGV     cafe, reference, begin and end of the period in ms, percent, '1' with the last batch,
--          then session ids, at most 50
-- Reply    {'going' | 'applied', balance, sessions credited so far, mgcoin credited so far}
--          | {'repeated', balance, sessions, mgcoin}: the reference was done before
--          | {'unknown'}: no such cafe | {'taken'}: the reference stands for something else
--          | {'above_maximum', balance}
-- Repeat   harmless: until the last batch the reference remembers which sessions it has credited,
--          then that it is done.

local id, ref, from, to, percent, is_last = unpack(ARGV, 1, 6)
local p = hold.open(KEYS[1], true)
local account = cafe.load(p, id)
if not account then
  return partition.reply(p, 'unknown')
end
local refs = partition.key(p, KEY.refs, id)
local entry = table.concat({ 'compensation', from, to, percent }, ' ')
local booked = redis.call('HGET', refs, ref)
if booked and booked ~= entry then
  local done, sessions, credited = string.match(booked, '^(.*) done (%d+) (%d+)$')
  if done == entry then
    return partition.reply(p, 'repeated', account.balance, sessions, credited)
  end
  return partition.reply(p, 'taken')
end
from, to, percent = number(from, 'from'), number(to, 'to'), number(percent, 'percent')

-- A session's facts. A living one is first brought up to date; it counts to its last heartbeat,
-- because what was debited after that may still be given back.
local function read(session_id)
  local m = meter.load(p, session_id)
  if m and m.cafe == id and not session.tick(p, m, account) then
    return { id = m.id, pc = m.pc, game = m.game, rate = m.rate, start = m.start, ended = m.beat,
      billed = m.billed }
  end
  local r = redis.call('HMGET', partition.key(p, KEY.record, session_id), 'cafe', 'pc', 'game',
    'rate', 'start', 'end', 'billed')
  if r[1] ~= id then
    return nil
  end
  return { id = session_id, pc = r[2], game = r[3], rate = number(r[4], 'rate'),
    start = number(r[5], 'start'), ended = number(r[6], 'end'), billed = number(r[7], 'billed') }
end

-- The seconds of a session that were billed until an instant.
local function billed_until(s, past, at)
  at = math.max(s.start, math.min(at, s.ended))
  local held = hold.overlap(past, id, s.game, s.start, at)
  local played = math.floor((at - s.start) / 1000)
  return math.min(s.billed, math.max(0, played - math.ceil(held / 1000)))
end

local credited_key = partition.key(p, KEY.credited, id, ref)
local credits, sum = {}, 0
for i = 7, #ARGV do
  local s = redis.call('HEXISTS', credited_key, ARGV[i]) == 0 and read(ARGV[i])
  if s then
    local past = hold.history(p, s.start)
    local cost = billing.cost(s.rate, billed_until(s, past, to))
      - billing.cost(s.rate, billed_until(s, past, from))
    s.amount = math.floor(percent * cost / 100)
    if s.amount > 0 then
      credits[#credits + 1] = s
      sum = sum + s.amount
    end
  end
end
if account.balance + sum > SETTING.maximum_balance then
  partition.close(p)
  return partition.reply(p, 'above_maximum', account.balance)
end

redis.call('HSET', refs, ref, entry)
for _, s in ipairs(credits) do
  redis.call('HSET', credited_key, s.id, int(s.amount))
  redis.call('HINCRBY', credited_key, 'sessions', 1)
  redis.call('HINCRBY', credited_key, 'sum', int(s.amount))
  cafe.add(account, 'balance', s.amount)
  ledger.append(p, 'compensation', {
    'cafe_id', id, 'pc_id', s.pc, 'game_id', s.game, 'game_session_id', s.id,
    'amount_mgcoin', s.amount, 'balance_mgcoin', account.balance, 'ref', ref,
  })
end
local totals = redis.call('HMGET', credited_key, 'sessions', 'sum')
local sessions, credited = totals[1] or '0', totals[2] or '0'
if is_last == '1' then
  redis.call('HSET', refs, ref, entry .. ' done ' .. sessions .. ' ' .. credited)
  redis.call('DEL', credited_key)
end
partition.close(p)
return partition.reply(p, is_last == '1' and 'applied' or 'going', account.balance, sessions,
  credited)
