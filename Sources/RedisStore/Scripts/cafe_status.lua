-- Suspends a cafe, so that it admits nobody new, or lets it admit players again.
--
-- KEYS[1]  the partition's clock
-- ARGV     cafe, status ('active' or 'suspended')
-- Reply    {'done'} | {'unknown'}: no such cafe
-- Repeat   harmless: a status that stands already is not written again.

local id, status = unpack(ARGV)
local p = partition.open(KEYS[1])
local key = partition.key(p, KEY.cafe, id)
local stored = redis.call('HGET', key, 'status')
if not stored then
  return partition.reply(p, 'unknown')
end
if stored ~= status then
  redis.call('HSET', key, 'status', status)
  ledger.append(p, status == 'active' and 'resumed_cafe' or 'suspended', {
    'cafe_id', id, 'status', status,
  })
  partition.close(p)
end
return partition.reply(p, 'done')
