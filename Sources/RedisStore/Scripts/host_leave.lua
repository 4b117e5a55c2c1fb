-- Takes a host out at once, with everything that was promised for it.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     known epoch or '', new epoch, host
-- Reply    {news, 'done' | 'unknown'}
-- Repeat   harmless: the second time there is no such host.

local known, fresh, id = unpack(ARGV)
local p = registry.open(KEYS[1], known, fresh)
if redis.call('EXISTS', registry.key(p, KEY.host, id)) == 0 then
  return { p.news, 'unknown' }
end
reservation.leave(p, id, 'left')
return { p.news, 'done' }
