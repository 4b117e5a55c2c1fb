-- How hosts are written, and in which sets and counts they are.

local roster = {}

-- When it was heard last, in milliseconds. Apart from its text, so that a heartbeat which says
-- nothing new need not write that.
function roster.beat(p, h)
  return redis.call('ZSCORE', registry.key(p, KEY.others), h.id)
    or redis.call('ZSCORE', registry.key(p, KEY.free, h.region), h.id)
end

-- Puts the host into the set in which it belongs. Whatever changes how many slots are free must end
-- here, for a heartbeat that says nothing new leaves it there. `beat` is given for one that is
-- heard now.
function roster.index(p, h, beat)
  local from, to = registry.key(p, KEY.others), registry.key(p, KEY.free, h.region)
  if host.free(p, h) == 0 then
    from, to = to, from
  end
  if beat then
    redis.call('ZREM', from, h.id)
    redis.call('ZADD', to, beat, h.id)
  else
    host.move(h.id, from, to)
  end
end

-- The sets that together hold every host, dead ones included.
function roster.sets(p)
  local sets = { registry.key(p, KEY.others) }
  for _, region in ipairs(host.idle_regions(p.base)) do
    sets[#sets + 1] = registry.key(p, KEY.free, region)
  end
  return sets
end

-- The region of a host, dead or alive, that was not swept.
function roster.region(p, id)
  return string.match(redis.call('HGET', registry.key(p, KEY.counted), id) or '', ':(.*)$')
end

-- Counts the host among those of its region and standing, and no longer where it was counted; a
-- host without a region is gone. What was counted where is remembered, because a host whose key has
-- expired can say it no more.
function roster.count(p, id, region, standing)
  local census, counted = registry.key(p, KEY.census), registry.key(p, KEY.counted)
  local before = redis.call('HGET', counted, id)
  local now = region and standing .. ':' .. region
  if before == now then
    return
  end
  if before and redis.call('HINCRBY', census, before, -1) <= 0 then
    redis.call('HDEL', census, before)
  end
  if now then
    redis.call('HINCRBY', census, now, 1)
    redis.call('HSET', counted, id, now)
  else
    redis.call('HDEL', counted, id)
  end
end

-- Writes the host, by default without touching its TTL. The index is the caller's to do. The text
-- begins with what the heartbeat said that made it so, `said` being its status; the next one that
-- says the same is known by that. A host that something else has changed has said '-', which no
-- heartbeat does.
function roster.save(p, h, ...)
  local text = table.concat({
    h.room, h.region, h.capacity, h.slots, h.said, h.status, h.pin, int(h.busies), h.drained,
  }, ' ')
  if ... then
    redis.call('SET', registry.key(p, KEY.host, h.id), text, ...)
  else
    redis.call('SET', registry.key(p, KEY.host, h.id), text, 'KEEPTTL')
  end
  roster.count(p, h.id, h.region, host.standing(h))
end

return roster
