-- A cafe's account inside a script: read once, changed in one place.
--
-- It is one text, `<balance> <spending> <pcs> <low> <status>`, apart from the hash of what is
-- seldom asked for: a heartbeat reads it with another key in one command, and a batch writes all
-- accounts with its other texts. Money is mgcoin, spending mgcoin an hour; `low` is how many
-- thresholds of meter.warn were told.

local cafe = {}

local function key(p, id)
  return p.base .. KEY.account .. id
end

local function unreadable(id)
  error('the account of ' .. id .. ' cannot be read')
end

local function text(account)
  return string.format('%d %d %d %d %s', account.balance, account.spending, account.pcs,
    account.low, account.status)
end

-- Writes the account: at once, or at the end of a batch.
local function save(account)
  if account.is_kept_back then
    account.is_changed = true
  else
    redis.call('SET', account.key, text(account))
  end
end

-- A new cafe's account.
function cafe.create(p, id, status)
  save({ key = key(p, id), balance = 0, spending = 0, pcs = 0, low = 0, status = status })
end

-- The account, or nil when there is no such cafe. Two sessions of one cafe in a script share the
-- table.
function cafe.load(p, id)
  p.cafes = p.cafes or {}
  if p.cafes[id] then
    return p.cafes[id]
  end
  local stored = redis.call('GET', key(p, id))
  if not stored then
    return nil
  end
  local balance, spending, pcs, low, status =
    string.match(stored, '^(%d+) (%d+) (%d+) (%d+) (%a+)$')
  if not status then
    unreadable(id)
  end
  local account = {
    id = id, key = key(p, id), balance = balance + 0, spending = spending + 0, pcs = pcs + 0,
    low = low + 0, status = status, is_kept_back = p.batch ~= nil,
  }
  p.cafes[id] = account
  return account
end

-- The account of a meter's cafe; a meter without one is a fault.
function cafe.of(p, id)
  return cafe.load(p, id) or error('no cafe ' .. id)
end

-- What a cafe has and spends, from its account's text unless the script has loaded that: to be told
-- and not to be changed, and all that most heartbeats need of it.
function cafe.glance(p, id, stored)
  if p.cafes and p.cafes[id] then
    return p.cafes[id]
  end
  local balance, spending = string.match(stored or '', '^(%d+) (%d+) ')
  if not balance then
    unreadable(id)
  end
  return { balance = balance + 0, spending = spending + 0 }
end

-- Changes `balance`, `spending` or `pcs` by an amount. None of them may go below zero.
function cafe.add(account, field, amount)
  local result = account[field] + amount
  if result < 0 then
    error(field .. ' of ' .. account.id .. ' would go below zero')
  end
  account[field] = result
  save(account)
end

-- Changes the status, or how many thresholds were told.
function cafe.set(account, field, value)
  account[field] = value
  save(account)
end

-- Adds the accounts that a batch has kept back to the texts that it writes.
function cafe.collect(p, texts)
  for _, account in pairs(p.cafes or {}) do
    if account.is_changed then
      texts[#texts + 1], texts[#texts + 2] = account.key, text(account)
    end
    account.is_kept_back, account.is_changed = false, false
  end
end

return cafe
