-- A cafe's account inside a script: read once, changed in one place.

local cafe = {}

-- The cafe, or nil when there is none. Two sessions of one cafe in a script share the table.
function cafe.load(p, id)
  p.cafes = p.cafes or {}
  if p.cafes[id] then
    return p.cafes[id]
  end
  local key = partition.key(p, KEY.cafe, id)
  local row = redis.call('HMGET', key, 'balance', 'spending', 'low', 'status', 'pcs')
  if not row[4] then
    return nil
  end
  local account = {
    id = id,
    key = key,
    balance = number(row[1], 'balance of ', id),
    spending = number(row[2], 'spending of ', id),
    low = tonumber(row[3] or 0),
    status = row[4],
    pcs = number(row[5], 'pcs of ', id),
  }
  -- In a batch, the balance that is written already; else the balance is.
  account.written = p.batch and account.balance
  p.cafes[id] = account
  return account
end

-- The cafe of a meter; a meter without one is a fault.
function cafe.of(p, id)
  return cafe.load(p, id) or error('no cafe ' .. id)
end

-- What a cafe has and spends, to be told and not to be changed: half the work of the whole account,
-- and all that most heartbeats need of it.
function cafe.glance(p, id)
  local row = redis.call('HMGET', p.base .. KEY.cafe .. id, 'balance', 'spending')
  return {
    balance = number(row[1], 'balance of ', id), spending = number(row[2], 'spending of ', id),
  }
end

-- Changes `balance`, `spending` or `pcs` by an amount. None of them may go below zero.
function cafe.add(account, field, amount)
  local result = account[field] + amount
  if result < 0 then
    error(field .. ' of ' .. account.id .. ' would go below zero')
  end
  account[field] = result
  if field ~= 'balance' or not account.written then
    redis.call('HINCRBY', account.key, field, int(amount))
  end
end

-- Writes the balances that a batch has kept back.
function cafe.write(p)
  for _, account in pairs(p.cafes or {}) do
    local amount = account.balance - (account.written or account.balance)
    account.written = nil
    if amount ~= 0 then
      redis.call('HINCRBY', account.key, 'balance', int(amount))
    end
  end
end

return cafe
