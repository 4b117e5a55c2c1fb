-- A number that must be there. A missing balance is a fault, never zero.

return function(value, what)
  local result = tonumber(value)
  if not result then
    error(what .. ' is missing or no number')
  end
  return result
end
