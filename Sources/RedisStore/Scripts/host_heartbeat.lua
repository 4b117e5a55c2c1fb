#!lua
-- Registers a host or renews its life. A new room is a new incarnation: what was promised for the
-- old one is dropped.
-- Uses: registry
--
-- KEYS[1]  the clock of the hosts
-- ARGV     known epoch or '', new epoch, host, room, region, status or '', capacity, slots or ''
-- Reply    {epoch}
-- Repeat   harmless: it renews the same life.

local known, fresh, id, room, region, status, capacity, slots = unpack(ARGV)
local p = registry.open(KEYS[1], known, fresh)
local key = registry.key(p, KEY.host, id)
-- None of these holds a blank.
local said = table.concat({ room, region, status, capacity, slots }, ' ')
if redis.call('HGET', key, 'said') == said then
  registry.renew(p, id, region)
  return { p.epoch }
end

-- Uses: host, reservation
reservation.lapse(p)
local h = host.load(p, id)
if h and h.room == room and h.region == region and (status == '' or h.status == status)
  and h.slots == slots and h.capacity == tonumber(capacity) then
  redis.call('HSET', key, 'said', said)
  registry.renew(p, id, region)
  return { p.epoch }
end
local before = h and host.standing(h)
if h and h.room ~= room then
  reservation.drop(p, id, 'new_room')
  host.event(p, 'host_new_room', id, 'room_id', room)
  h.pin, h.busies, h.status, before = '', 0, 'idle', 'idle'
end
if h and h.region ~= region then
  host.unindex(p, id, h.region)
end
if not h then
  local left = redis.call('HGET', registry.key(p, KEY.regions), id)
  if left then
    -- Its life ended unseen; nothing of it counts for the new one.
    reservation.leave(p, id, left, 'expired')
  end
  h = { id = id, pin = '', status = 'idle', busies = 0 }
  before = 'idle'
  redis.call('ZADD', registry.key(p, KEY.host_names), 0, id)
  host.event(p, 'host_registered', id, 'room_id', room, 'region', region)
end
h.room, h.region, h.capacity, h.slots, h.said = room, region, tonumber(capacity), slots, said
if status ~= '' then
  h.status = status
end
reservation.settle(p, h, before)
redis.call('HSET', registry.key(p, KEY.regions), id, region)
host.save(p, h)
registry.renew(p, id, region)
host.index(p, h)
return { p.epoch }
