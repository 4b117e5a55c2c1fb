-- Reads a part of the live hosts, by identifier.
--
-- KEYS[1]  the clock of the hosts
-- ARGV     epoch as for registry.open, identifier after which to go on or '', the most to look at
-- Reply    {news, last identifier looked at or '' at the end, then for each live host 9 values:
--          id, room, region, standing, '1' if drained, capacity, free slots, last heartbeat,
--          remaining TTL in ms}
-- Repeat   harmless: it changes nothing.

local epoch, after, most = unpack(ARGV)
local p = registry.open(KEYS[1], epoch)
local first = after == '' and '-' or '(' .. after
local ids = redis.call('ZRANGEBYLEX', registry.key(p, KEY.host_names), first, '+', 'LIMIT', 0, most)
local reply = { p.news, #ids == tonumber(most) and ids[#ids] or '' }
for _, id in ipairs(ids) do
  local h = host.load(p, id)
  local left = h and redis.call('PTTL', registry.key(p, KEY.host, id)) or 0
  if left > 0 then
    local row = {
      id, h.room, h.region, host.standing(h), h.drained ~= '' and '1' or '0',
      h.capacity, int(host.free(p, h)), roster.beat(p, h), int(left),
    }
    for _, value in ipairs(row) do
      reply[#reply + 1] = value
    end
  end
end
return reply
