-- Adds an API key to a game; the ones before it stay valid.
--
-- KEYS[1]  the clock of the games
-- ARGV     game, key id, SHA-256 of the key, the most keys that a game may have
-- Reply    {'added'} | {'unknown'} | {'full'}
-- Repeat   harmless: the key is made before sending, and one that is there is not added again.

local id, key_id, digest, most = unpack(ARGV)
local p = partition.open(KEYS[1])
if redis.call('EXISTS', partition.key(p, KEY.game, id)) == 0 then
  return partition.reply(p, 'unknown')
end
local keys = partition.key(p, KEY.game_keys, id)
if redis.call('HEXISTS', keys, key_id) == 1 then
  return partition.reply(p, 'added')
end
if redis.call('HLEN', keys) >= number(most, 'most') then
  return partition.reply(p, 'full')
end
games.add_key(p, id, key_id, digest)
games.changed(p, 'game_changed', id)
return partition.reply(p, 'added')
