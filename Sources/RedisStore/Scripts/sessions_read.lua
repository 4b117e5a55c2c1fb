-- Reads game sessions, live or ended, as evidence.
--
-- KEYS[1]  the partition's clock
-- ARGV     session ids, at most 200
-- Reply    for each session that is known 19 values: id, cafe, pc, game, user, address, launcher,
--          rate, state, start, first heartbeat or '', last heartbeat, end or '', reason or '',
--          play, billed, unbilled and held seconds, charged
-- Repeat   harmless: it writes nothing.

local p = hold.look(KEYS[1])
local reply = partition.reply(p)

local function add(...)
  for _, value in ipairs({ ... }) do
    reply[#reply + 1] = type(value) == 'number' and int(value) or value
  end
end

for _, id in ipairs(ARGV) do
  local m = meter.load(p, id)
  if m then
    local play, held = meter.played(m, p.now), meter.held(p, m, p.now)
    local unbilled = m.state == 'grace' and math.max(0, play - held - m.billed) or 0
    add(id, m.cafe, m.pc, m.game, m.user, m.ip, m.launcher, m.rate, m.state, m.start,
      m.first > 0 and m.first or '', m.beat, '', '', play, m.billed, unbilled, held, m.charged)
  else
    local r = redis.call('HMGET', partition.key(p, KEY.record, id), 'cafe', 'pc', 'game', 'user',
      'ip', 'launcher', 'rate', 'start', 'first', 'beat', 'end', 'reason', 'play', 'billed',
      'unbilled', 'held', 'charged')
    if r[1] then
      add(id, r[1], r[2], r[3], r[4], r[5], r[6], r[7], 'ended', r[8], r[9], r[10], r[11], r[12],
        r[13], r[14], r[15], r[16], r[17])
    end
  end
end
return reply
