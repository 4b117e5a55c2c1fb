-- The text of a reservation, and when it lapses. Apart from what becomes of it later, so that most
-- searches need not build that.
-- Uses: registry

local promise = {}

-- Writes the reservation: a new one with 'NX', one that is there with 'XX'. Returns whether that
-- was so. It is one text, for no part of it holds a blank: to write and to read a hash would cost
-- 2 µs more.
function promise.write(p, r, condition)
  local text = table.concat({ r.host, r.room, r.region, r.state, r.address, r.deadline }, ' ')
  if not redis.call('SET', p.base .. KEY.reservation .. r.id, text, condition) then
    return false
  end
  redis.call('ZADD', p.base .. KEY.lapses, r.deadline, r.id)
  return true
end
