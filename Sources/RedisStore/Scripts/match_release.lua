-- Gives a reserved slot back.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     epoch as for registry.open, reservation
-- Reply    {news, 'done' | 'unknown'}: never there, lapsed or ended, or its host is gone
-- Repeat   harmless: the second time there is no such reservation.

local epoch, id = unpack(ARGV)
local p = registry.open(KEYS[1], epoch)
local r = reservation.load(p, id)
if not r then
  return { p.news, 'unknown' }
end
local h = host.load(p, r.host)
local reason, result = 'released', 'done'
if r.deadline <= p.now then
  reason, result = reservation.lapsed(r), 'unknown'
elseif not h then
  reason, result = 'expired', 'unknown'
end
reservation.finish(p, r, reason)
if h then
  roster.index(p, h)
end
return { p.news, result }
