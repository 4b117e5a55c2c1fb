-- Revokes an API key of a game.
--
-- KEYS[1]  the clock of the games
-- ARGV     game, key id
-- Reply    {'done'} | {'unknown'}: no such game | {'no_key'}: it has no such key (any more)
-- Repeat   harmless: the second time there is no such key.

local id, key_id = unpack(ARGV)
local p = partition.open(KEYS[1])
if redis.call('EXISTS', partition.key(p, KEY.game, id)) == 0 then
  return partition.reply(p, 'unknown')
end
local keys = partition.key(p, KEY.game_keys, id)
local digest = redis.call('HGET', keys, key_id)
if not digest then
  return partition.reply(p, 'no_key')
end
redis.call('HDEL', keys, key_id)
redis.call('DEL', partition.key(p, KEY.api_key, digest))
games.changed(p, 'game_changed', id)
return partition.reply(p, 'done')
