-- The partition's ledger: a stream, one entry a line, in the order in which lines were accepted.
--
-- An entry's id is <time>-<seq>, so that a line is found by either, and adding the same line twice
-- is impossible. Members stand in their published order; those without a value are left out.

local ledger = {}

-- Kinds that the cafe's owner is told of, where somebody listens.
local NOTICES = '|low_balance|exhausted|resumed|end|outage|'

-- Remembers that a line has the next number: at once, so that it is not used again when the script
-- fails later; unless it has nothing left to do but to close the partition, and says so.
local function number_is_used(p)
  p.seq = p.seq + 1
  if not p.is_closing then
    partition.write(p)
  end
end

-- Adds a value, as a line has it, or nothing for false.
local function add(fields, name, value)
  if value then
    fields[#fields + 1] = name
    fields[#fields + 1] = type(value) == 'number' and int(value) or value
  end
end

local function write(p, kind, id, fields)
  redis.call('XADD', p.base .. KEY.ledger, id, unpack(fields))
  number_is_used(p)
  if SETTING.notices > 0 and string.find(NOTICES, '|' .. kind .. '|', 1, true) then
    redis.call('XADD', p.base .. KEY.notices, 'MAXLEN', '~', SETTING.notices, id, unpack(fields))
  end
end

-- Appends a line. `members` is a flat list of names and values; false marks an absent value.
function ledger.append(p, kind, members)
  local seq, at = int(p.seq + 1), int(p.now)
  local fields = { 'seq', seq, 'at', at, 'kind', kind }
  for i = 1, #members, 2 do
    add(fields, members[i], members[i + 1])
  end
  write(p, kind, at .. '-' .. seq, fields)
end

-- Appends a line about a session that moves no money.
function ledger.append_session(p, kind, m, more)
  m.seq = m.seq + 1
  local seq, at = int(p.seq + 1), int(p.now)
  local fields = {
    'seq', seq, 'at', at, 'kind', kind, 'cafe_id', m.cafe, 'pc_id', m.pc, 'game_id', m.game,
    'game_session_id', m.id, 'session_seq', int(m.seq), 'billed_sec', int(m.billed),
  }
  for i = 1, #more, 2 do
    add(fields, more[i], more[i + 1])
  end
  write(p, kind, at .. '-' .. seq, fields)
end

-- Appends a line about money that a session takes or gets back. These are most of all lines, so
-- nothing is made for them but the command.
function ledger.append_charge(p, kind, m, amount, balance)
  m.seq = m.seq + 1
  local seq, at = int(p.seq + 1), int(p.now)
  redis.call('XADD', p.base .. KEY.ledger, at .. '-' .. seq, 'seq', seq, 'at', at, 'kind', kind,
    'cafe_id', m.cafe, 'pc_id', m.pc, 'game_id', m.game, 'game_session_id', m.id,
    'session_seq', int(m.seq), 'amount_mgcoin', int(amount), 'balance_mgcoin', int(balance),
    'billed_sec', int(m.billed))
  number_is_used(p)
end

return ledger
