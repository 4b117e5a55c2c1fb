-- Sends the requests of a file in turns, for ever, and at the end writes a line for the program
-- that started wrk. Argument: the file, in which a zero byte ends each request.

local requests = {}
local turn = 0

function init(arguments)
  for text in io.open(arguments[1], 'rb'):read('*a'):gmatch('%Z+') do
    requests[#requests + 1] = text
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

-- wrk calls this once, in a state of its own, when all is over. Latencies are in microseconds.
function done(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"failures":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, failures, latency:percentile(50), latency:percentile(99)))
end
