-- What each kind of ledger line did, done once more on a Redis that has forgotten it.
--
-- Heartbeats are no lines. So a session that is live at the end of the ledger gets a last heartbeat
-- that is proven: a debit never runs further ahead of it than one interval.

local replay = {}

local function to_balance(p, line)
  local account = cafe.of(p, line.cafe_id)
  cafe.add(account, 'balance', number(line.amount_mgcoin, 'amount'))
  if int(account.balance) ~= line.balance_mgcoin then
    error('the balance of ' .. line.cafe_id .. ' does not fit line ' .. line.seq)
  end
end

local function book(p, line)
  to_balance(p, line)
  local entry = line.kind .. ' ' .. line.amount_mgcoin
  redis.call('HSET', partition.key(p, KEY.refs, line.cafe_id), line.ref, entry)
end

local function write_cafe(p, line)
  redis.call('HSET', partition.key(p, KEY.cafe, line.cafe_id), 'name', line.name,
    'networks', line.networks, 'generation', line.secret_generation,
    'salt', line.secret_salt, 'master', line.secret_master_key,
    'previous_generation', line.previous_generation or '',
    'previous_salt', line.previous_salt or '',
    'previous_master', line.previous_master_key or '')
end

local function write_game(p, line)
  local id = line.game_id
  redis.call('HSET', partition.key(p, KEY.game, id), 'name', line.name,
    'rate', line.rate_mgcoin_per_hour, 'url', line.launch_url or '', 'enabled', line.enabled)
  redis.call('SADD', partition.key(p, KEY.games), id)
  local keys = redis.call('HVALS', partition.key(p, KEY.game_keys, id))
  for _, digest in ipairs(keys) do
    redis.call('DEL', partition.key(p, KEY.api_key, digest))
  end
  redis.call('DEL', partition.key(p, KEY.game_keys, id))
  for key_id, digest in string.gmatch(line.api_keys or '', '([^: ]+):([^ ]+)') do
    games.add_key(p, id, key_id, digest)
  end
  redis.call('INCR', partition.key(p, KEY.version))
end

-- The launcher that a session was started on, in place of an older one of the PC.
local function seat(p, line, account)
  local id = line.launcher_session_id
  local old = pc.load(p, line.cafe_id, line.pc_id).launcher
  if old ~= '' and old ~= id then
    launcher.remove(p, { id = old, cafe = line.cafe_id, pc = line.pc_id }, account)
  end
  local l = { id = id, cafe = line.cafe_id, pc = line.pc_id, ip = line.external_ip }
  launcher.create(p, l, account, '')
end

local function start(p, line)
  local account = cafe.of(p, line.cafe_id)
  local at, rate = number(line.at, 'at'), number(line.rate_mgcoin_per_hour, 'rate')
  seat(p, line, account)
  local m = {
    id = line.game_session_id, cafe = line.cafe_id, pc = line.pc_id, game = line.game_id,
    user = line.provider_user_id, ip = line.external_ip, launcher = line.launcher_session_id,
    rate = rate, start = at, first = 0, beat = at, billed = 0, charged = 0, held = 0,
    state = 'running', deadline = 0, seq = number(line.session_seq, 'session_seq'), due = p.now,
  }
  meter.save(p, m)
  redis.call('SET', partition.key(p, KEY.session, m.id), '1', 'PX', SETTING.session_ttl)
  redis.call('SADD', partition.key(p, KEY.live, m.cafe), m.id)
  redis.call('ZADD', partition.key(p, KEY.due), int(p.now), m.id)
  pc.set_session(account, pc.load(p, m.cafe, m.pc), m.id)
  cafe.add(account, 'spending', rate)
end

local function live(p, line)
  local m = meter.load(p, line.game_session_id)
  if not m then
    error('line ' .. line.seq .. ' is about a session that does not live')
  end
  m.seq = number(line.session_seq, 'session_seq')
  return m
end

-- Moves the last heartbeat to where a debit proves it, and takes over the holds before it.
local function prove(p, m, at)
  local held = m.held + hold.overlap(p, m.cafe, m.game, m.beat, at)
  local reached = math.min(at, m.start + m.billed * 1000 + held)
  local beat = math.max(m.beat, reached - SETTING.heartbeat_interval)
  m.held = m.held + hold.overlap(p, m.cafe, m.game, m.beat, beat)
  m.beat = beat
end

local function charge(p, line)
  local m = live(p, line)
  to_balance(p, line)
  m.billed = number(line.billed_sec, 'billed_sec')
  m.charged = m.charged - number(line.amount_mgcoin, 'amount')
  if line.kind == 'debit' then
    prove(p, m, number(line.at, 'at'))
  end
  meter.save(p, m)
end

local function set_state(p, line)
  local m = live(p, line)
  local is_grace = line.kind == 'exhausted'
  local deadline = is_grace and number(line.at, 'at') + SETTING.grace or 0
  meter.set_state(p, m, is_grace and 'grace' or 'running', deadline)
  meter.save(p, m)
end

local LAUNCHER_GONE = { launcher_exit = true, launcher_restart = true, launcher_timeout = true }

local function finish(p, line)
  local m = live(p, line)
  local account = cafe.of(p, m.cafe)
  local ended = {
    reason = line.reason, at = number(line.ended_at, 'ended_at'),
    play = number(line.play_duration_sec, 'play_duration_sec'),
    held = number(line.held_sec, 'held_sec'),
    unbilled = number(line.unbilled_grace_sec, 'unbilled_grace_sec'),
  }
  m.first = tonumber(line.first_heartbeat_at or 0)
  m.beat = number(line.last_heartbeat_at, 'last_heartbeat_at')
  session.forget(p, m, account)
  if LAUNCHER_GONE[ended.reason] then
    launcher.remove(p, { id = m.launcher, cafe = m.cafe, pc = m.pc }, account)
  end
  if ended.at > p.now - SETTING.record_retention then
    session.remember(p, m, ended, '')
  end
end

-- Only holds that are over and those by hand that are on matter to what lives.
local function hold_line(p, line)
  if not line.held_from then
    return
  end
  local cafe_id, game_id = line.cafe_id or '', line.game_id or ''
  for i = #p.holds, 1, -1 do
    local h = p.holds[i]
    if h.is_on and h.cafe == cafe_id and h.game == game_id then
      table.remove(p.holds, i)
    end
  end
  if #p.holds >= SETTING.maximum_holds then
    table.remove(p.holds, 1)
  end
  p.holds[#p.holds + 1] = {
    from = tonumber(line.held_from), till = tonumber(line.held_until) or p.now,
    is_on = line.held_until == nil, cafe = cafe_id, game = game_id,
  }
  hold.save(p)
end

local KINDS = {
  cafe_created = function(p, line)
    write_cafe(p, line)
    cafe.create(p, line.cafe_id, line.status)
    redis.call('SADD', partition.key(p, KEY.cafes), line.cafe_id)
  end,
  cafe_changed = write_cafe,
  suspended = function(p, line)
    cafe.set(cafe.of(p, line.cafe_id), 'status', line.status)
  end,
  topup = book,
  adjustment = book,
  -- What exactly was compensated is not in the line, so the reference only stays taken.
  compensation = function(p, line)
    to_balance(p, line)
    redis.call('HSET', partition.key(p, KEY.refs, line.cafe_id), line.ref, 'compensation')
  end,
  game_created = write_game,
  game_changed = write_game,
  start = start,
  debit = charge,
  reversal = charge,
  exhausted = set_state,
  resumed = set_state,
  ['end'] = finish,
  hold_on = hold_line,
  hold_off = hold_line,
  outage = hold_line,
}
KINDS.resumed_cafe = KINDS.suspended

-- Does what a line did, and puts the line back where it stood. A line about a session counts its
-- number even if its kind changed nothing else.
function replay.line(p, id, line, fields)
  local apply = KINDS[line.kind]
  if apply then
    apply(p, line)
  elseif line.session_seq then
    meter.save(p, live(p, line))
  end
  p.seq = number(line.seq, 'seq')
  p.served = number(line.at, 'at')
  p.time = math.max(p.time, p.served)
  partition.write(p)
  ledger.restore(p, id, line, fields)
end

return replay
