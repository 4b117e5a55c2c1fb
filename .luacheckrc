-- How luacheck reads Sources/RedisStore/Scripts. All are put together to one library: a file alone
-- uses names that it does not define.
std = 'lua51'
read_globals = { 'redis', 'struct', 'KEYS', 'ARGV', 'KEY', 'SETTING' }
max_line_length = 100

local library = {
  'int', 'number', 'partition', 'billing', 'ledger', 'hold', 'cafe', 'batch', 'pc', 'meter',
  'launcher', 'silence', 'session', 'admission', 'games', 'replay', 'registry', 'host',
  'roster', 'reservation',
}
for _, name in ipairs(library) do
  read_globals[#read_globals + 1] = name
end

-- Load scripts give wrk its functions by name.
files['**/Tests/Benchmarks/load/*.lua'] = {
  globals = { 'init', 'request', 'done', 'post' }, ignore = { '131' },
}
