-- Changes a game's name, rate, launch URL, or whether it admits players. A session keeps the rate
-- that it started with.
--
-- KEYS[1]  the clock of the games
-- ARGV     game, then pairs of field and new value: 'name', 'rate', 'url', 'enabled'
-- Reply    {'done'} | {'unknown'}
-- Repeat   harmless: values that stand already are not written again.

local p = partition.open(KEYS[1])
local id = ARGV[1]
local key = partition.key(p, KEY.game, id)
if redis.call('EXISTS', key) == 0 then
  return partition.reply(p, 'unknown')
end
local is_changed = false
for i = 2, #ARGV, 2 do
  if redis.call('HGET', key, ARGV[i]) ~= ARGV[i + 1] then
    redis.call('HSET', key, ARGV[i], ARGV[i + 1])
    is_changed = true
  end
end
if is_changed then
  games.changed(p, 'game_changed', id)
end
return partition.reply(p, 'done')
