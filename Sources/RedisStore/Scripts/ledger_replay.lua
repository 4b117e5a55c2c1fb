-- Replays ledger lines that this Redis has forgotten, each exactly once and in order: it does what
-- they did and writes them where they stood. The service must not work on the partition meanwhile;
-- its fence keeps it away.
--
-- KEYS[1]  the partition's clock
-- ARGV     for each line its stream id, how many names and values follow, and these, at most 100
--          lines
-- Reply    {'replayed', lines} | {'gap', number of the line that does not follow}
-- Repeat   harmless: a line whose number is not the next one is passed over.

-- Lines that stay in Redis behind the last one; the archive has them all.
local KEPT = 1000

local p = hold.look(KEYS[1])
p.time = partition.numbers(redis.call('GET', KEYS[1]))
local replayed, i = 0, 1
while i <= #ARGV do
  local id, count = ARGV[i], tonumber(ARGV[i + 1])
  local fields, line = {}, {}
  for k = i + 2, i + 1 + count, 2 do
    fields[#fields + 1], fields[#fields + 2] = ARGV[k], ARGV[k + 1]
    line[ARGV[k]] = ARGV[k + 1]
  end
  local seq = number(line.seq, 'seq')
  if seq > p.seq then
    -- A loss follows the line before the lost ones.
    local first = line.kind == 'loss' and number(line.from_seq, 'from_seq') or seq
    if first ~= p.seq + 1 then
      return partition.reply(p, 'gap', seq)
    end
    replay.line(p, id, line, fields)
    replayed = replayed + 1
  end
  i = i + 2 + count
end
redis.call('XTRIM', partition.key(p, KEY.ledger), 'MAXLEN', '~', KEPT)
return partition.reply(p, 'replayed', replayed)
