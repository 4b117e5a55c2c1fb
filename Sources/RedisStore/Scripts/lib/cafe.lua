-- A cafe's account inside a script: read once, changed in one place.

local cafe = {}

-- The cafe, or nil when there is none. Two sessions of one cafe in a script share the table.
function cafe.load(p, id)
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
  p.cafes[id] = account
  return account
end

-- The cafe of a meter; a meter without one is a fault.
function cafe.of(p, id)
  return cafe.load(p, id) or error('no cafe ' .. id)
end

-- Changes `balance`, `spending` or `pcs` by an amount. None of them may go below zero.
function cafe.add(account, field, amount)
  local result = account[field] + amount
  if result < 0 then
    error(field .. ' of ' .. account.id .. ' would go below zero')
  end
  account[field] = result
  redis.call('HINCRBY', account.key, field, int(amount))
end

return cafe
