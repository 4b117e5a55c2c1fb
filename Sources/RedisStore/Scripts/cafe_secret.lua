-- Gives a cafe a new launcher secret: the next generation with a new salt. The one before it stays
-- valid until the next rotation, unless it is revoked at once.
--
-- KEYS[1]  the partition's clock
-- ARGV     cafe, new salt, master key id, '1' to revoke the previous secret
-- Reply    {'rotated', generation} | {'unknown'}: no such cafe
-- Repeat   harmless: the salt is made before sending; a cafe that carries it was rotated by it.

local id, salt, master, revoke = unpack(ARGV)
local p = partition.open(KEYS[1])
local key = partition.key(p, KEY.cafe, id)
local stored = redis.call('HMGET', key, 'generation', 'salt', 'master', 'name', 'networks')
if not stored[1] then
  return partition.reply(p, 'unknown')
end
local generation = number(stored[1], 'generation of ' .. id)
if stored[2] == salt then
  return partition.reply(p, 'rotated', generation)
end
local previous = { stored[1], stored[2], stored[3] }
if revoke == '1' then
  previous = { '', '', '' }
end
redis.call('HSET', key, 'generation', int(generation + 1), 'salt', salt, 'master', master,
  'previous_generation', previous[1], 'previous_salt', previous[2],
  'previous_master', previous[3])
ledger.append(p, 'cafe_changed', {
  'cafe_id', id, 'name', stored[4], 'networks', stored[5], 'status', cafe.of(p, id).status,
  'secret_generation', generation + 1, 'secret_salt', salt, 'secret_master_key', master,
  'previous_generation', tonumber(previous[1]) or false,
  'previous_salt', previous[2] ~= '' and previous[2],
  'previous_master_key', previous[3] ~= '' and previous[3],
})
partition.close(p)
return partition.reply(p, 'rotated', generation + 1)
