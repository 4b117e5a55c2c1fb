-- Whether a cafe may pay for one more session on a PC.

local admission = {}

-- The session that a new one in a PC's place would replace, with the cause that closes it; or nil.
function admission.replaced(p, place)
  local m = meter.on(p, place)
  if not m then
    return nil
  end
  return m, session.cause(p, m) or 'replaced'
end

-- Whether the cafe is active and its balance, after the replaced session was settled, pays one
-- minute at its rate of spending with the new session and without the replaced one.
function admission.is_chargeable(p, account, rate, replaced, cause)
  if account.status ~= 'active' then
    return false
  end
  local balance, spending = account.balance, account.spending + rate
  if replaced then
    balance = balance - session.settlement(p, replaced, account, cause)
    spending = spending - replaced.rate
  end
  return balance >= math.max(1, billing.cost(spending, 60))
end

return admission
