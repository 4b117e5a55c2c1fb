-- Suspends a cafe, so that it admits nobody new, or lets it admit players again.
--
-- KEYS[1]  the partition's clock
-- ARGV     cafe, status ('active' or 'suspended')
-- Reply    {'done'} | {'unknown'}: no such cafe
-- Repeat   harmless: a status that stands already is not written again.

local id, status = unpack(ARGV)
local p = partition.open(KEYS[1])
local account = cafe.load(p, id)
if not account then
  return partition.reply(p, 'unknown')
end
if account.status ~= status then
  cafe.set(account, 'status', status)
  ledger.append(p, status == 'active' and 'resumed_cafe' or 'suspended', {
    'cafe_id', id, 'status', status,
  })
  partition.close(p)
end
return partition.reply(p, 'done')
