-- Registers a host or renews its life. A new room is a new incarnation: what was promised for the
-- old one is dropped.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     epoch as for registry.open, host, region, and what it says: room, region, capacity,
--          slots or '', status or '', with a blank after each, which none of them holds
-- Reply    news, as a text: in an array it would be 7 % of a heartbeat
-- Repeat   harmless: it renews the same life.

local epoch, id, region, said = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local base, stamp = registry.base(KEYS[1]), registry.stamp()
-- Reads the host and renews its life in one command. Most hosts say what they said before, with
-- which their text begins; then there is nothing else to do. The TTL stands in quotes, for Lua's
-- own way to write a number is slow.
local text = redis.call('GETEX', base .. KEY.host .. id, 'PX', 'SETTING.host_ttl')
if text and string.find(text, said, 1, true) == 1 and registry.is_known(epoch) then
  -- It stays where it is. It is in one sorted set and no more: each further one would cost 3 µs,
  -- the most of what Redis has to do for it.
  if redis.call('ZADD', base .. KEY.free .. region, 'XX', 'CH', stamp, id) == 0 then
    redis.call('ZADD', base .. KEY.others, 'XX', stamp, id)
  end
  return ''
end

local p = registry.open(KEYS[1], epoch, stamp)
reservation.lapse(p)
local h = text and host.parse(id, text)
local before = h and host.standing(h) or 'idle'
local room, capacity, slots, status = string.match(said, '^(%S+) %S+ (%d+) (%d*) (%a*) $')
if h and h.room ~= room then
  reservation.drop(p, id, 'new_room')
  host.event(p, 'host_new_room', id, 'room_id', room)
  h.pin, h.busies, h.status, before = '', 0, 'idle', 'idle'
end
if h and h.region ~= region then
  redis.call('ZREM', registry.key(p, KEY.free, h.region), id)
end
if not h then
  if redis.call('HEXISTS', registry.key(p, KEY.counted), id) == 1 then
    -- Its life ended unseen; nothing of it counts for the new one.
    reservation.leave(p, id, 'expired')
  end
  local is_drained = redis.call('SISMEMBER', registry.key(p, KEY.drained), id) == 1
  h = { id = id, pin = '', status = 'idle', busies = 0, drained = is_drained and '1' or '' }
  redis.call('ZADD', registry.key(p, KEY.host_names), 0, id)
  host.event(p, 'host_registered', id, 'room_id', room, 'region', region)
end
h.room, h.region, h.capacity, h.slots, h.said = room, region, capacity, slots, status
if status ~= '' then
  h.status = status
end
reservation.settle(p, h, before)
roster.save(p, h, 'PX', 'SETTING.host_ttl')
roster.index(p, h, p.stamp)
return p.news
