-- How luacheck reads Sources/RedisStore/Scripts. A script is put together from a prelude, the
-- library files that its `Uses:` line names, and its own text: a file alone uses names that it
-- does not define.
std = 'lua51'
read_globals = { 'redis', 'KEYS', 'ARGV', 'KEY', 'SETTING' }
max_line_length = 100

local library = {
  'int', 'number', 'partition', 'billing', 'ledger', 'hold', 'cafe', 'pc', 'launcher', 'meter',
  'silence', 'session', 'admission', 'games', 'replay', 'registry', 'promise', 'host',
  'roster', 'reservation',
}
for _, name in ipairs(library) do
  read_globals[#read_globals + 1] = name
end

-- A library file fills a table that others use.
files['**/Scripts/lib/*.lua'] = { ignore = { '211', '241' } }

-- Load scripts give wrk its functions by name.
files['**/Tests/Benchmarks/load/*.lua'] = {
  globals = { 'init', 'request', 'done', 'post' }, ignore = { '131' },
}
