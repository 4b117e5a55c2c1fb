-- Accepts that lines of a partition are lost for good: nobody has them, neither this Redis nor the
-- archive. The ledger goes on behind their numbers with a line that names them, so they are never
-- used again and never missing without a word. Nothing else changes.
--
-- KEYS[1]  the partition's clock
-- ARGV     first and last number that is lost
-- Reply    {'accepted'} | {'differs'}: what follows the last line here is another number
-- Repeat   harmless: the ledger ends behind these numbers then.

local from, to = tonumber(ARGV[1]), tonumber(ARGV[2])
local p = partition.open(KEYS[1])
if from ~= p.seq + 1 or to < from then
  return partition.reply(p, 'differs')
end
p.seq = to
ledger.append(p, 'loss', { 'from_seq', from, 'to_seq', to })
partition.close(p)
return partition.reply(p, 'accepted')
