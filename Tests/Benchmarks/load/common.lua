-- What the load scripts share. wrk calls `done` once, in a state of its own, when all is over.

-- The last line that wrk writes, for the program that started it. Latencies are in microseconds.
function done(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"failures":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, failures, latency:percentile(50), latency:percentile(99)))
end

-- A whole request. wrk would put one together from its parts each time anew.
function post(path, headers, body)
  return 'POST ' .. path .. ' HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'
    .. headers .. 'Content-Length: ' .. #body .. '\r\n\r\n' .. body
end
