-- Integers leave Lua through this: tostring() turns to exponents at 10^15.

return function(number)
  return string.format('%d', number)
end
