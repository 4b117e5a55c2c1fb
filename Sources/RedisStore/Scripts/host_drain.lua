-- Keeps a host from being matched, or lets it be matched again. The mark outlives the host, so that
-- one which comes back is still drained.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     epoch as for registry.open, host, '1' to drain it and '0' to undo that
-- Reply    {news, 'done' | 'unknown'}
-- Repeat   harmless: a mark that is there already changes nothing.

local epoch, id, drained = unpack(ARGV)
local p = registry.open(KEYS[1], epoch)
local h = host.load(p, id)
local key = registry.key(p, KEY.drained)
if not h and (drained == '1' or redis.call('SISMEMBER', key, id) == 0) then
  return { p.news, 'unknown' }
end
if redis.call(drained == '1' and 'SADD' or 'SREM', key, id) == 1 then
  host.event(p, drained == '1' and 'host_drained' or 'host_undrained', id)
end
if h then
  h.drained, h.said = drained == '1' and '1' or '', '-'
  roster.save(p, h)
  roster.index(p, h)
end
return { p.news, 'done' }
