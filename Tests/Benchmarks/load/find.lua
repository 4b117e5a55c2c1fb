-- Searches for any host, as a browser sends them: `{}`.
dofile('common.lua')

local whole = post('/api/match/find', '', '{}')

function request()
  return whole
end
