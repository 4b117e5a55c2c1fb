-- Creates a cafe with a balance of zero.
--
-- KEYS[1]  the partition's clock
-- ARGV     cafe, name, networks (separated by spaces), salt of its secret, master key id
-- Reply    {'created'} | {'taken'}
-- Repeat   harmless: the salt is made before sending; a cafe that carries it was created by it.

local id, name, networks, salt, master = unpack(ARGV)
local p = partition.open(KEYS[1])
local key = partition.key(p, KEY.cafe, id)
local stored = redis.call('HGET', key, 'salt')
if stored then
  return partition.reply(p, stored == salt and 'created' or 'taken')
end
redis.call('HSET', key, 'name', name, 'networks', networks, 'generation', '1', 'salt', salt,
  'master', master)
cafe.create(p, id, 'active')
redis.call('SADD', partition.key(p, KEY.cafes), id)
ledger.append(p, 'cafe_created', {
  'cafe_id', id, 'balance_mgcoin', 0, 'name', name, 'networks', networks, 'status', 'active',
  'secret_generation', 1, 'secret_salt', salt, 'secret_master_key', master,
})
partition.close(p)
return partition.reply(p, 'created')
