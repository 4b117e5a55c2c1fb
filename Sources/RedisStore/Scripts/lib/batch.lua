-- What the steps of a batch would write each for itself, kept back and written for all at once,
-- which is less than half of the work for Redis and for its append-only file. Who reads in between
-- finds what was kept back. Outside a batch everything is written where it is said.
--
-- A script that begins a batch calls each step by pcall and ends the batch whatever came of them:
-- else lines of the ledger would stand there whose numbers are used again.

local batch = {}

-- Begins a batch: texts by their keys, deadlines by their members, meters by their sessions.
-- Accounts and the clock keep back themselves.
function batch.begin(p)
  p.batch = { texts = {}, dues = {}, meters = {} }
end

-- Reads a text.
function batch.get(p, key)
  return p.batch and p.batch.texts[key] or redis.call('GET', key)
end

-- Writes a text.
function batch.set(p, key, text)
  if p.batch then
    p.batch.texts[key] = text
  else
    redis.call('SET', key, text)
  end
end

-- Sets when a session or launcher is due.
function batch.schedule(p, member, at)
  if p.batch then
    p.batch.dues[member] = at
  else
    redis.call('ZADD', p.base .. KEY.due, int(at), member)
  end
end

-- Removes what is due, and what was kept back of it.
function batch.unschedule(p, member)
  if p.batch then
    p.batch.dues[member] = nil
  end
  redis.call('ZREM', p.base .. KEY.due, member)
end

-- Removes a text.
function batch.delete(p, key)
  if p.batch then
    p.batch.texts[key] = nil
  end
  redis.call('DEL', key)
end

-- Writes all that was kept back: first the clock, which has the numbers that are used.
function batch.finish(p)
  local texts, dues = {}, {}
  for key, text in pairs(p.batch.texts) do
    texts[#texts + 1], texts[#texts + 2] = key, text
  end
  cafe.collect(p, texts)
  -- Most are due a tick from now.
  local tick, tick_text = p.now + SETTING.billing_tick, int(p.now + SETTING.billing_tick)
  for member, at in pairs(p.batch.dues) do
    dues[#dues + 1], dues[#dues + 2] = at == tick and tick_text or int(at), member
  end
  p.batch = nil
  partition.write(p)
  if #texts > 0 then
    redis.call('MSET', unpack(texts))
  end
  if #dues > 0 then
    redis.call('ZADD', p.base .. KEY.due, unpack(dues))
  end
end

return batch
