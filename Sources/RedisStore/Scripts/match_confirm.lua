-- Makes a pending reservation a confirmed one.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     epoch as for registry.open, reservation
-- Reply    {news, 'done' | 'unknown'}: never there, lapsed or ended, or its host is gone
-- Repeat   harmless: a confirmed one is not confirmed again.

local epoch, id = unpack(ARGV)
local p = registry.open(KEYS[1], epoch)
local r = reservation.load(p, id)
if r and r.deadline <= p.now then
  reservation.finish(p, r, reservation.lapsed(r))
  local late = host.load(p, r.host)
  if late then
    roster.index(p, late)
  end
  return { p.news, 'unknown' }
end
local h = r and host.load(p, r.host)
if not h then
  return { p.news, 'unknown' }
end
if r.state == 'pending' then
  -- A busy that began before says nothing about this client: only a later one's idle ends it.
  reservation.confirm(p, r, h.busies + 1)
  roster.index(p, h)
end
return { p.news, 'done' }
