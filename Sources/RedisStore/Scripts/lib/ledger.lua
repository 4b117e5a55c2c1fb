-- The partition's ledger: a stream, one entry a line, in the order in which lines were accepted.
--
-- An entry's id is <time>-<seq>, so that a line is found by either, and adding the same line twice
-- is impossible. Members stand in their published order; those without a value are left out.

local ledger = {}

-- Kinds that the cafe's owner is told of, where somebody listens.
local NOTICES = '|low_balance|exhausted|resumed|end|outage|'

-- Appends a line. `members` is a flat list of names and values; false marks an absent value.
function ledger.append(p, kind, members)
  p.seq = p.seq + 1
  local seq, at = int(p.seq), int(p.now)
  local fields = { 'seq', seq, 'at', at, 'kind', kind }
  for i = 1, #members, 2 do
    local value = members[i + 1]
    if value then
      fields[#fields + 1] = members[i]
      fields[#fields + 1] = type(value) == 'number' and int(value) or value
    end
  end
  redis.call('HSET', p.clock_key, 'seq', seq, 'time', at)
  redis.call('XADD', partition.key(p, KEY.ledger), at .. '-' .. seq, unpack(fields))
  if SETTING.notices > 0 and string.find(NOTICES, '|' .. kind .. '|', 1, true) then
    redis.call('XADD', partition.key(p, KEY.notices), 'MAXLEN', '~', SETTING.notices,
      at .. '-' .. seq, unpack(fields))
  end
end

-- Appends a line about a session. `amount` is what it did to the balance, or false.
function ledger.append_session(p, kind, m, amount, balance, more)
  m.seq = m.seq + 1
  local members = {
    'cafe_id', m.cafe, 'pc_id', m.pc, 'game_id', m.game, 'game_session_id', m.id,
    'session_seq', m.seq, 'amount_mgcoin', amount, 'balance_mgcoin', amount and balance,
    'billed_sec', m.billed,
  }
  for i = 1, #more do
    members[#members + 1] = more[i]
  end
  ledger.append(p, kind, members)
end

return ledger
