-- Reads all that is held of sessions that live or might live, to be compared with the ledger.
--
-- KEYS[1]  the partition's clock
-- ARGV     for each session, at most 50: id, cafe or '', PC or ''; the last two only count where
--          it has no meter
-- Reply    for each session 14 values: id, then of its meter cafe, PC, game, rate, start, last
--          heartbeat, billed seconds, charged, number of lines (each '' without a meter), then 0
--          or 1 for its session key, its next step and its place among the living, and the
--          session on its PC or ''
-- Repeat   harmless: it writes nothing.

local p = partition.open(KEYS[1])
local reply = partition.reply(p)

local FIELDS = { 'cafe', 'pc', 'game', 'rate', 'start', 'beat', 'billed', 'charged', 'seq' }

local function add(value)
  reply[#reply + 1] = value or ''
end

for i = 1, #ARGV, 3 do
  local id, cafe_id, pc_id = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local m = meter.load(p, id)
  cafe_id, pc_id = m and m.cafe or cafe_id, m and m.pc or pc_id
  add(id)
  for _, field in ipairs(FIELDS) do
    local value = m and m[field]
    add(type(value) == 'number' and int(value) or value)
  end
  add(redis.call('EXISTS', partition.key(p, KEY.session, id)))
  add(redis.call('ZSCORE', partition.key(p, KEY.due), id) and 1 or 0)
  add(redis.call('SISMEMBER', partition.key(p, KEY.live, cafe_id), id))
  add(pc.load(p, cafe_id, pc_id).session)
end
return reply
