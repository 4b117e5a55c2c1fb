-- Starts a launcher session on a PC. One that still lives there is closed with its game session.
--
-- KEYS[1]  the partition's clock
-- ARGV     cafe, pc, new launcher session id, nonce, caller's address, '1' if that address is the
--          cafe's, internal address, boot id, launcher version, hardware
-- Reply    {'started'} | {'replayed'} | {'outside'} | {'suspended'} | {'full'}
-- Repeat   harmless: the id is made before sending and is what the nonce remembers.

local cafe_id, pc_id, id, nonce, address, inside = unpack(ARGV)
local p = hold.open(KEYS[1])
local nonce_key = partition.key(p, KEY.nonce, cafe_id, nonce)
local seen = redis.call('GET', nonce_key)
if seen then
  return partition.reply(p, seen == id and launcher.load(p, id) and 'started' or 'replayed')
end
redis.call('SET', nonce_key, id, 'PX', SETTING.nonce_ttl)
if inside ~= '1' then
  return partition.reply(p, 'outside')
end
local account = cafe.of(p, cafe_id)
if account.status ~= 'active' then
  return partition.reply(p, 'suspended')
end
local place = pc.load(p, cafe_id, pc_id)
if place.is_new and account.pcs >= SETTING.maximum_pcs then
  return partition.reply(p, 'full')
end

local m = meter.on(p, place)
if m then
  local cause = session.advance(p, m, account) or 'launcher_restart'
  session.close(p, m, account, cause, '')
end
if place.launcher ~= '' then
  launcher.remove(p, { id = place.launcher, cafe = cafe_id, pc = pc_id }, account)
end
local evidence = table.concat({ int(p.now), ARGV[7], ARGV[8], ARGV[9], ARGV[10] }, ' ')
launcher.create(p, { id = id, cafe = cafe_id, pc = pc_id, ip = address }, account, evidence)
partition.close(p)
return partition.reply(p, 'started')
