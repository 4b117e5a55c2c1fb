-- Renews a launcher session and tells about the game session on its PC. It renews only itself: a
-- game that is no longer played is not kept alive by the launcher.
--
-- KEYS[1]  the partition's clock
-- ARGV     launcher session id
-- Reply    'alive', play seconds, remaining seconds, grace seconds or -1, session id and game, as
--          one line | {'idle'}: nothing is played | {'gone'}
-- Repeat   harmless: it renews the same life.

local id, base = ARGV[1], partition.base(KEYS[1])
local l, p = launcher.renew(base, id), nil
if not l then
  p = hold.open(KEYS[1])
  l = launcher.revive(p, id)
  if not l then
    return partition.reply(p, 'gone')
  end
end
-- Reads that go together are one command each: a further key costs a fifth of a further command.
local place_key = pc.key(base, l.cafe, l.pc)
local texts = redis.call('MGET', KEYS[1], place_key, base .. KEY.account .. l.cafe)
p = p or hold.open(KEYS[1], false, texts[1])
local place = pc.parse(place_key, texts[2])
if place.launcher ~= id then
  return partition.reply(p, 'gone')
end
local m, lives
if place.session ~= '' then
  local played = redis.call('MGET', base .. KEY.meter .. place.session,
    base .. KEY.session .. place.session)
  m = played[1] and meter.parse(place.session, played[1])
  lives = m and played[2] and m.launcher == id
end
place.ends = int(p.now + SETTING.launcher_ttl)
partition.close(p, place.key, pc.text(place))
if not m or session.cause(p, m, lives) then
  return partition.reply(p, 'idle')
end
local pulse = meter.pulse(p, m, cafe.glance(p, l.cafe, texts[3]))
return int(p.seq) .. ' alive ' .. pulse .. ' ' .. m.id .. ' ' .. m.game
