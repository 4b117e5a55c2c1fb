-- The scripts run inside Redis 7: Lua 5.1 with its own globals, and no cjson. A script is put together
-- from the tables KEY and SETTING, the library files that it names, and its own text, so what the
-- library defines is seen by all files that come after it.
std = 'lua51'
read_globals = { 'redis', 'KEYS', 'ARGV', 'KEY', 'SETTING' }
max_line_length = 100

local library = {
  'int', 'number', 'partition', 'billing', 'ledger', 'cafe', 'pc', 'launcher', 'meter', 'session',
  'admission', 'games',
}
for _, name in ipairs(library) do
  read_globals[#read_globals + 1] = name
end

-- A library file fills a table that others use.
files['**/Scripts/lib/*.lua'] = { ignore = { '211', '241' } }
