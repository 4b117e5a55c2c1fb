-- Takes a host out at once, with everything that was promised for it.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     epoch as for registry.open, host
-- Reply    {news, 'done' | 'unknown'}
-- Repeat   harmless: the second time there is no such host.

local epoch, id = unpack(ARGV)
local p = registry.open(KEYS[1], epoch)
if redis.call('EXISTS', registry.key(p, KEY.host, id)) == 0 then
  return { p.news, 'unknown' }
end
reservation.leave(p, id, 'left')
return { p.news, 'done' }
