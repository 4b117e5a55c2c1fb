-- Reads every game with its API keys, for the copy that each instance keeps in memory.
--
-- KEYS[1]  the clock of the games
-- ARGV     the version that the caller has, or ''
-- Reply    {version} when that is still the newest; else {version, then for each game 'game', id,
--          name, rate, launch URL or '', enabled, and for each of its keys 'key', key id, SHA-256,
--          created}
-- Repeat   harmless: it writes nothing.

local p = partition.open(KEYS[1])
local version = redis.call('GET', partition.key(p, KEY.version)) or '0'
local reply = partition.reply(p, version)
if version == ARGV[1] then
  return reply
end

local function add(...)
  for _, value in ipairs({ ... }) do
    reply[#reply + 1] = value
  end
end

local ids = redis.call('SMEMBERS', partition.key(p, KEY.games))
table.sort(ids)
for _, id in ipairs(ids) do
  local row = redis.call('HMGET', partition.key(p, KEY.game, id), 'name', 'rate', 'url', 'enabled')
  add('game', id, row[1], row[2], row[3], row[4])
  local keys = redis.call('HGETALL', partition.key(p, KEY.game_keys, id))
  for i = 1, #keys, 2 do
    local created = redis.call('HGET', partition.key(p, KEY.api_key, keys[i + 1]), 'created')
    add('key', keys[i], keys[i + 1], created)
  end
end
return reply
