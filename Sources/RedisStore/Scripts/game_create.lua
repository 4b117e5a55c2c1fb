-- Creates a game with its first API key.
--
-- KEYS[1]  the clock of the games
-- ARGV     game, name, rate, launch URL or '', key id, SHA-256 of the key
-- Reply    {'created'} | {'taken'}
-- Repeat   harmless: the key is made before sending; a game that carries it was created by it.

local id, name, rate, url, key_id, digest = unpack(ARGV)
local p = partition.open(KEYS[1])
local key = partition.key(p, KEY.game, id)
if redis.call('EXISTS', key) == 1 then
  local stored = redis.call('HGET', partition.key(p, KEY.game_keys, id), key_id)
  return partition.reply(p, stored == digest and 'created' or 'taken')
end
redis.call('HSET', key, 'name', name, 'rate', rate, 'url', url, 'enabled', '1')
redis.call('SADD', partition.key(p, KEY.games), id)
games.add_key(p, id, key_id, digest)
games.changed(p, 'game_created', id)
return partition.reply(p, 'created')
