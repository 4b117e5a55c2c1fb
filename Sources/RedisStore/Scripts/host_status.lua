-- Sets what a host is, whatever its heartbeats say, until the next such call or a new room. Idle
-- lets the heartbeats speak again. The TTL is not renewed.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     epoch as for registry.open, host, status
-- Reply    {news, 'done' | 'unknown'}
-- Repeat   harmless: a standing that is there already changes nothing.

local epoch, id, status = unpack(ARGV)
local p = registry.open(KEYS[1], epoch)
reservation.lapse(p)
local h = host.load(p, id)
if not h then
  return { p.news, 'unknown' }
end
local before = host.standing(h)
if status == 'idle' then
  h.pin, h.status = '', 'idle'
else
  h.pin = status
end
h.said = '-'
reservation.settle(p, h, before)
roster.save(p, h)
roster.index(p, h)
return { p.news, 'done' }
