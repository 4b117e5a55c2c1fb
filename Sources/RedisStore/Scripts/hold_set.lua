-- Switches a hold by hand on or off, in one partition.
--
-- KEYS[1]  the partition's clock
-- ARGV     'on' or 'off', cafe or '', game or '': every session, or those of the cafe, of the game
--          or of both
-- Reply    {'done'} | {'already'}: it stands so | {'unknown'}: no such cafe | {'full'}
-- Repeat   harmless: a hold that is on is not switched on again, nor one off that is off.

local switch, cafe_id, game_id = unpack(ARGV)
local p = hold.look(KEYS[1])
if cafe_id ~= '' and redis.call('EXISTS', partition.key(p, KEY.cafe, cafe_id)) == 0 then
  return partition.reply(p, 'unknown')
end

local found
for _, h in ipairs(p.holds) do
  if h.is_on and h.cafe == cafe_id and h.game == game_id then
    found = h
  end
end
if (switch == 'on') == (found ~= nil) then
  return partition.reply(p, 'already')
end
if switch == 'on' then
  if #p.holds >= SETTING.maximum_holds_by_hand then
    return partition.reply(p, 'full')
  end
  found = { from = p.now, till = p.now, is_on = true, cafe = cafe_id, game = game_id }
  p.holds[#p.holds + 1] = found
else
  found.is_on = false
end
hold.save(p)
ledger.append(p, 'hold_' .. switch, {
  'cafe_id', cafe_id ~= '' and cafe_id, 'game_id', game_id ~= '' and game_id,
  'held_from', found.from, 'held_until', switch == 'off' and p.now,
})
partition.close(p)
return partition.reply(p, 'done')
