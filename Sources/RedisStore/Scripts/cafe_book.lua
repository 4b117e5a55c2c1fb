-- Puts money on a cafe's balance or takes it away, once per reference.
--
-- KEYS[1]  the partition's clock
-- ARGV     cafe, kind ('topup' or 'adjustment'), signed amount, reference, reason or ''
-- Reply    {'applied' | 'repeated', balance} | {'unknown'}: no such cafe
--          | {'taken'}: the reference stands for another kind or amount
--          | {'below_zero', balance} | {'above_maximum', balance}
-- Repeat   harmless: a reference is booked once and never forgotten.

local id, kind, amount, ref, reason = unpack(ARGV)
local p = partition.open(KEYS[1])
local account = cafe.load(p, id)
if not account then
  return partition.reply(p, 'unknown')
end
local refs = partition.key(p, KEY.refs, id)
local entry = kind .. ' ' .. amount
local booked = redis.call('HGET', refs, ref)
if booked == entry then
  return partition.reply(p, 'repeated', account.balance)
end
if booked then
  return partition.reply(p, 'taken')
end
amount = number(amount, 'amount')
local balance = account.balance + amount
if balance < 0 then
  return partition.reply(p, 'below_zero', account.balance)
end
if balance > SETTING.maximum_balance then
  return partition.reply(p, 'above_maximum', account.balance)
end
redis.call('HSET', refs, ref, entry)
cafe.add(account, 'balance', amount)
ledger.append(p, kind, {
  'cafe_id', id, 'amount_mgcoin', amount, 'balance_mgcoin', balance, 'ref', ref,
  'reason', reason ~= '' and reason,
})
partition.close(p)
return partition.reply(p, 'applied', balance)
