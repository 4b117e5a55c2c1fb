-- The partition's ledger: a stream, one entry a line, in the order in which lines were accepted.
--
-- An entry's id is <time>-<seq>, so that a line is found by either, and adding the same line twice
-- is impossible. An entry has one of two forms:
--
--   * Names and values in their published order; those without a value are left out.
--   * For a debit or a reversal, which are most of all lines, one field `charge` with a text of
--     nine words, one blank between two: kind, cafe, PC, game, game session, session_seq,
--     amount_mgcoin, balance_mgcoin, billed_sec. No identifier can hold a blank. `seq` and `at` are
--     in the id alone. Eleven names and values cost a billing step a fifth of its work in Redis.
--
-- Ledgers have charges in the first form, too, written before there was the second. Whoever reads
-- lines reads both (LedgerLine+charge.swift), and what is published is the same.

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

-- Appends a line about money that a session takes or gets back.
function ledger.append_charge(p, kind, m, amount, balance)
  m.seq = m.seq + 1
  -- The same for all lines of a batch.
  p.stamp = p.stamp or int(p.now)
  redis.call('XADD', p.base .. KEY.ledger, p.stamp .. '-' .. int(p.seq + 1), 'charge',
    kind .. ' ' .. m.cafe .. ' ' .. m.pc .. ' ' .. m.game .. ' ' .. m.id .. ' ' .. int(m.seq) .. ' '
    .. int(amount) .. ' ' .. int(balance) .. ' ' .. int(m.billed))
  number_is_used(p)
end

-- The names of a charge's members, in the order in which they are published.
local CHARGE = {
  'seq', 'at', 'kind', 'cafe_id', 'pc_id', 'game_id', 'game_session_id', 'session_seq',
  'amount_mgcoin', 'balance_mgcoin', 'billed_sec',
}

-- The text of a charge whose members are known as texts, or nil for a line that has others.
local function charge_text(fields)
  local words = {}
  if #fields ~= 2 * #CHARGE then
    return nil
  end
  for i = 1, #CHARGE do
    if fields[2 * i - 1] ~= CHARGE[i] then
      return nil
    end
    words[i] = fields[2 * i]
  end
  return table.concat(words, ' ', 3)
end

-- Puts a line that was forgotten back where it stood, in the form in which it was written. `fields`
-- are all its names and values, in their published order.
function ledger.restore(p, id, line, fields)
  local key = p.base .. KEY.ledger
  local text = (line.kind == 'debit' or line.kind == 'reversal') and charge_text(fields)
  if text then
    redis.call('XADD', key, id, 'charge', text)
  else
    redis.call('XADD', key, id, unpack(fields))
  end
end

return ledger
