-- Heartbeats of one host after the other, as their programs send them.
-- Arguments: how many hosts there are, the host secret, further header lines or ''.
dofile('common.lua')

local hosts, before, after
local turn = 0

function init(arguments)
  hosts = tonumber(arguments[1])
  local extra = arguments[3] and arguments[3] .. '\r\n' or ''
  -- Ids of one length, so that the head is always the same.
  local whole = post('/api/host/heartbeat', 'Authorization: Bearer ' .. arguments[2] .. '\r\n'
    .. extra, '{"availableSlots":64,"capacity":64,"hostId":"host-000000","region":"local",'
    .. '"roomId":"room","status":"idle"}')
  before, after = whole:match('^(.*host%-)000000(.*)$')
end

function request()
  turn = (turn + 1) % hosts
  return before .. string.format('%06d', turn) .. after
end
