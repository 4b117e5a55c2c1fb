-- A PC's place: the launcher session and the game session that live on it, and when the launcher's
-- life ends. It is one text, `<launcher> <game session> <end in ms>`, where nothing stands for
-- "none". What lives there is changed and written at once, so nobody may keep a place for later.

local pc = {}

-- The name of a place's key, from what the partition's names begin with.
function pc.key(base, cafe_id, pc_id)
  return base .. KEY.pc .. cafe_id .. ':' .. pc_id
end

-- The place from its key and text; an empty one has no text.
function pc.parse(key, text)
  if not text then
    return { key = key, launcher = '', session = '', ends = '', is_new = true }
  end
  -- To look for two blanks is a third of what a pattern for three words costs.
  local first = string.find(text, ' ', 1, true)
  local second = first and string.find(text, ' ', first + 1, true)
  if not second then
    error('the place ' .. key .. ' cannot be read')
  end
  return {
    key = key, launcher = string.sub(text, 1, first - 1),
    session = string.sub(text, first + 1, second - 1), ends = string.sub(text, second + 1),
  }
end

-- The place of a PC.
function pc.load(p, cafe_id, pc_id)
  local key = pc.key(p.base, cafe_id, pc_id)
  return pc.parse(key, redis.call('GET', key))
end

-- The key's value.
function pc.text(place)
  return place.launcher .. ' ' .. place.session .. ' ' .. place.ends
end

-- Writes a place. A PC that appears is counted for its cafe, one on which nothing lives any more
-- disappears.
local function save(place, account)
  if place.launcher == '' and place.session == '' then
    redis.call('DEL', place.key)
    cafe.add(account, 'pcs', -1)
    return
  end
  redis.call('SET', place.key, pc.text(place))
  if place.is_new then
    cafe.add(account, 'pcs', 1)
  end
end

-- Puts a launcher session in its place, whose life ends at an instant.
function pc.set_launcher(p, account, pc_id, id, ends)
  local place = pc.load(p, account.id, pc_id)
  place.launcher, place.ends = id, int(ends)
  save(place, account)
end

-- Puts a game session in a place.
function pc.set_session(account, place, id)
  place.session = id
  save(place, account)
end

-- Takes a launcher session from its place, if it is still the one there.
function pc.clear_launcher(p, account, pc_id, id)
  local place = pc.load(p, account.id, pc_id)
  if place.launcher == id then
    place.launcher, place.ends = '', ''
    save(place, account)
  end
end

-- Takes a game session from its place, if it is still the one there.
function pc.clear_session(p, account, pc_id, id)
  local place = pc.load(p, account.id, pc_id)
  if place.session == id then
    place.session = ''
    save(place, account)
  end
end

return pc
