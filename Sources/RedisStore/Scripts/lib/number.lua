-- A number that must be there. A missing balance is a fault, never zero. `what` and `id` together
-- say what it is.

return function(value, what, id)
  local result = tonumber(value)
  if not result then
    error(what .. (id or '') .. ' is missing or no number')
  end
  return result
end
