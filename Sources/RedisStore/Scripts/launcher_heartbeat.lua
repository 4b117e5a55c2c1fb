-- Renews a launcher session and tells about the game session on its PC. It renews only itself: a
-- game that is no longer played is not kept alive by the launcher.
--
-- KEYS[1]  the partition's clock
-- ARGV     launcher session id
-- Reply    {'alive', play seconds, remaining seconds, grace seconds or -1, session id, game}
--          | {'idle'}: nothing is played | {'gone'}
-- Repeat   harmless: it renews the same life.

local p = hold.open(KEYS[1])
local id = ARGV[1]
local l = launcher.seat(p, id)
if not l then
  return partition.reply(p, 'gone')
end
local place = pc.load(p, l.cafe, l.pc)
local m = meter.on(p, place)
if place.launcher ~= id or not launcher.renew(p, l, m and m.game or '') then
  return partition.reply(p, 'gone')
end
place.ends = int(p.now + SETTING.launcher_ttl)
partition.close(p, place.key, pc.text(place))
if not m or session.cause(p, m) then
  return partition.reply(p, 'idle')
end
local name, play, remaining, grace = meter.pulse(p, m, cafe.glance(p, m.cafe), 'alive')
return partition.reply(p, name, play, remaining, grace, m.id, m.game)
