-- Games and their API keys. They belong to no cafe and share one slot of their own.

local games = {}

-- Writes the ledger line with everything that is needed to restore the game, and moves the version
-- on, by which every instance notices the change.
function games.changed(p, kind, id)
  local row = redis.call('HMGET', partition.key(p, KEY.game, id), 'name', 'rate', 'url', 'enabled')
  local keys = redis.call('HGETALL', partition.key(p, KEY.game_keys, id))
  local digests = {}
  for i = 1, #keys, 2 do
    digests[#digests + 1] = keys[i] .. ':' .. keys[i + 1]
  end
  table.sort(digests)
  ledger.append(p, kind, {
    'game_id', id, 'name', row[1], 'rate_mgcoin_per_hour', row[2],
    'launch_url', row[3] ~= '' and row[3], 'enabled', row[4],
    'api_keys', table.concat(digests, ' '),
  })
  redis.call('INCR', partition.key(p, KEY.version))
  partition.close(p)
end

-- Adds an API key, known by the SHA-256 of it.
function games.add_key(p, id, key_id, digest)
  redis.call('HSET', partition.key(p, KEY.game_keys, id), key_id, digest)
  redis.call('HSET', partition.key(p, KEY.api_key, digest), 'game', id, 'key', key_id,
    'created', int(p.now))
end

return games
