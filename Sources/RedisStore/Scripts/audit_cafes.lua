-- Reads what is held of cafes, to be compared with the ledger.
--
-- KEYS[1]  the partition's clock
-- ARGV     cafes, at most 50; none to learn only the last ledger number
-- Reply    for each cafe 5 values: id, balance or '', spending or '', living sessions, references
-- Repeat   harmless: it writes nothing.

local p = partition.open(KEYS[1])
local reply = partition.reply(p)
for _, id in ipairs(ARGV) do
  local account = cafe.load(p, id)
  reply[#reply + 1] = id
  reply[#reply + 1] = account and account.balance or ''
  reply[#reply + 1] = account and account.spending or ''
  reply[#reply + 1] = redis.call('SCARD', partition.key(p, KEY.live, id))
  reply[#reply + 1] = redis.call('HLEN', partition.key(p, KEY.refs, id))
end
return reply
