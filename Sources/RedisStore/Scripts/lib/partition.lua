-- One partition: where its keys are and what time it is there.
--
-- TIME is read once a script, here. A script works with the larger of it and the highest time that
-- the partition has seen, so no duration is negative and nothing is billed twice when the server's
-- clock steps back.

local partition = {}

-- What the names of its keys begin with.
function partition.base(clock_key)
  return string.sub(clock_key, 1, -#KEY.clock - 1)
end

-- The clock's text begins with three packed numbers: the highest time seen, the last ledger number,
-- and when the service last worked on the partition or 0. Then comes the list of holds, which
-- hold.lua reads. Every script reads and most write it: as a hash it was more work than all that a
-- heartbeat decides, as words with blanks a twentieth of that heartbeat. PartitionClock.swift reads
-- it, too.
local FORMAT = '<ddd'

-- The numbers of a clock's text, and where they end; zeros where there is none.
function partition.numbers(stored)
  if not stored then
    return 0, 0, 0, 1
  end
  local highest, seq, served, holds_at = struct.unpack(FORMAT, stored)
  -- An earlier form of ours, read as numbers, has next to nothing here.
  if highest < 1 then
    error('the clock cannot be read')
  end
  return highest, seq, served, holds_at
end

-- Opens the partition whose clock key the caller declared. `behind` says by how many milliseconds
-- TIME lags the highest time seen; `served` is when the service last worked on the partition, or
-- nil. Scripts that judge how long something is silent open it by hold.open. Who has read the clock
-- together with other keys gives its text, or false: each command costs more than a further key.
function partition.open(clock_key, stored)
  local time = redis.call('TIME')
  local measured = time[1] * 1000 + math.floor(time[2] / 1000)
  if stored == nil then
    stored = redis.call('GET', clock_key)
  end
  local highest, seq, served, holds_at = partition.numbers(stored)
  return {
    base = partition.base(clock_key),
    now = measured < highest and highest or measured,
    behind = measured < highest and highest - measured or 0,
    seq = seq,
    served = served > 0 and served or nil,
    hold_text = stored and string.sub(stored, holds_at) or '',
  }
end

-- The clock's text. Only who replays lines says at which `time` the partition is.
local function text(p)
  return struct.pack(FORMAT, p.time or p.now, p.seq, p.served or 0) .. p.hold_text
end

-- Writes the clock, unless a batch does so at its end.
function partition.write(p)
  if not p.batch then
    redis.call('SET', p.base .. KEY.clock, text(p))
  end
end

-- Remembers the time, and that the service was there. Every script that changes anything calls it,
-- last. A key and its value that are given are written with it: one command is less work for the
-- append-only file than two.
function partition.close(p, key, value)
  if p.is_service then
    p.served = p.now
  end
  if key then
    redis.call('MSET', p.base .. KEY.clock, text(p), key, value)
  else
    partition.write(p)
  end
end

-- A script's reply: the partition's last ledger number first, so that the service notices a Redis
-- that has forgotten lines, then the values that the script's header names.
function partition.reply(p, ...)
  return { p.seq, ... }
end

-- The name of a key of this partition: partition.key(p, KEY.session, 'gs_…').
function partition.key(p, name, id, second)
  if second then
    return p.base .. name .. id .. ':' .. second
  end
  return p.base .. name .. (id or '')
end

return partition
