-- The smallest request: what one costs before anything of ours is done.
dofile('common.lua')

function request()
  return 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
end
