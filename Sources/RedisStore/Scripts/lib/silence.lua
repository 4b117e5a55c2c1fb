-- Notices a whole cafe that falls silent at once: a line that broke, a power cut. Its sessions end
-- as any others do; the ledger and the log name the cafe.

local silence = {}

-- The member of a cafe's set that says that its silence was told.
local TOLD = 'told'

-- Counts a session that ended because its heartbeats stopped. The ones of the last session TTL are
-- remembered; when they are many and nearly all of the cafe's, one line is written until they have
-- stopped coming, and the next billing step tells the service.
function silence.note(p, cafe_id, session_id)
  local key = partition.key(p, KEY.silent, cafe_id)
  redis.call('ZADD', key, int(p.now), session_id)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', int(p.now - SETTING.session_ttl - 1))
  redis.call('PEXPIRE', key, SETTING.session_ttl)
  local is_told = redis.call('ZSCORE', key, TOLD)
  local silent = redis.call('ZCARD', key) - (is_told and 1 or 0)
  local live = redis.call('SCARD', partition.key(p, KEY.live, cafe_id))
  local is_nearly_all = silent * 100 >= (silent + live) * SETTING.silent_percent
  if silent < SETTING.silent_sessions or not is_nearly_all then
    return
  end
  redis.call('ZADD', key, int(p.now), TOLD)
  if not is_told then
    ledger.append(p, 'outage', { 'cafe_id', cafe_id, 'reason', 'cafe' })
    redis.call('APPEND', p.base .. KEY.silenced, cafe_id .. ' ')
  end
end

return silence
