#!lua
-- Takes a host out at once, with everything that was promised for it.
-- Uses: registry, host, reservation
--
-- KEYS[1]  the clock of the hosts
-- ARGV     known epoch or '', new epoch, host
-- Reply    {epoch, 'done' | 'unknown'}
-- Repeat   harmless: the second time there is no such host.

local known, fresh, id = unpack(ARGV)
local p = registry.open(KEYS[1], known, fresh)
local h = host.load(p, id)
if not h then
  return { p.epoch, 'unknown' }
end
reservation.leave(p, id, h.region, 'left')
return { p.epoch, 'done' }
