-- The rule that turns seconds into money. Its readable twin is Sources/Domain/BillingRule.swift; a
-- test proves the two equal. Rates are milli-G-coin an hour, money is milli-G-coin.
--
-- Every product stays below 2^53, so that a double's division rounded down is the exact quotient.

local billing = {}

-- What so many seconds cost in total.
function billing.cost(rate, seconds)
  return math.floor(rate * seconds / 3600)
end

-- The most seconds that cost no more than so much money.
function billing.covered(rate, money)
  return math.floor(((money + 1) * 3600 - 1) / rate)
end

-- Brings a meter from `billed` to `played` seconds as far as the balance goes. Returns the seconds
-- that are paid then, the debit (negative gives back), and whether played seconds are left unpaid.
function billing.step(rate, billed, played, balance)
  local charged = billing.cost(rate, billed)
  local covered = billing.covered(rate, charged + balance)
  local paid = math.min(played, math.max(covered, billed))
  return paid, billing.cost(rate, paid) - charged, paid < played
end

return billing
