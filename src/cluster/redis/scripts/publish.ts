// Appends a batch: each publication whole, or not at all. Redis undoes nothing of a script that fails, so whatever can fail of
// a publication (memory, a key of another kind) goes first, and one that fails fails alone.
//
// KEYS: patterns of the lane; then of each publication: record, history, and as its flags say presence, idempotency key, id.
// ARGV: epoch for numberings that begin here, bytes before the kind in a key, PUBLISH or SPUBLISH, feed of the lane, 1 where
// a replica must be there; then of each publication: flags, history size, history ttl, record ttl, key ttl, reached, id ttl,
// id, the id that it is to follow, envelope.
// Answers for each: {epoch, offset, 1 if duplicate, node, count, node, count …}, {'seen'}, {'after', last id}, or the error.
import { records, scriptOf, termOf } from './script.ts'

/** Of a publication. `ordered`: its id becomes the record's last one; `after`: it names one that it must follow. */
export const publishFlags = { presence: 1, key: 2, id: 4, ordered: 8, after: 16 } as const

/** Arguments before those of the publications, and of each. */
const [headWords, wordsEach] = [5, 10]

export const publishScript = scriptOf(
  'publish',
  `${termOf}${records}
local epoch, base, verb, feed = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local info = redis.call('INFO', 'replication')
local term = termOf(info)
local unsafe = ARGV[5] == '1' and string.find(info, 'connected_slaves:0', 1, true)
local watched
local now = digits(nowMs())
-- Something of the publication was written: it is not to be undone, and whatever fails now is no refusal.
local dirty
local function flag(flags, bit) return flags % (bit * 2) >= bit end
-- A star stands for any run of bytes: the text before the first must begin the name, that behind the last end it, and what is
-- between them is found from left to right. Linear, whatever a client made of its pattern.
local function fits(pattern, name)
  local star = string.find(pattern, '*', 1, true)
  if not star then return pattern == name end
  if string.sub(name, 1, star - 1) ~= string.sub(pattern, 1, star - 1) then return false end
  local at = star
  while true do
    local from = star + 1
    star = string.find(pattern, '*', from, true)
    if not star then
      local rest = string.sub(pattern, from)
      return #name - at + 1 >= #rest and string.sub(name, #name - #rest + 1) == rest
    end
    local _, last = string.find(name, string.sub(pattern, from, star - 1), at, true)
    if not last and star > from then return false end
    if star > from then at = last + 1 end
  end
end
local function tell(m, r, id, envelope)
  local name, place = string.sub(m, base + 3), r.e .. ' ' .. id .. ' '
  redis.call(verb, string.sub(m, 1, base) .. 'c:' .. name, place .. envelope)
  watched = watched or redis.call('ZRANGE', KEYS[1], 0, 63)
  for _, pattern in ipairs(watched) do
    if fits(pattern, name) then
      redis.call(verb, feed, place .. #name .. ' ' .. name .. envelope)
      return
    end
  end
end
local function append(r, h, size, reached, envelope)
  if size == '0' then r.s = r.s + 1 return end
  local added = redis.pcall('XADD', h, 'MAXLEN', size, digits(r.s + 1), 'e', envelope)
  if type(added) == 'table' and added.err then
    if not string.find(added.err, 'equal or smaller', 1, true) then error(added) end
    -- What is left of the stream is ahead of its record, which so vouches for nothing.
    begin(r, h, epoch, term, reached)
    r.pe = nil
    redis.call('XADD', h, 'MAXLEN', size, digits(r.s + 1), 'e', envelope)
  end
  r.s = r.s + 1
end
local function publish(i, k)
  local flags, size, m, h = tonumber(ARGV[i]), ARGV[i + 1], KEYS[k], KEYS[k + 1]
  local reached, id, envelope = tonumber(ARGV[i + 5]), ARGV[i + 7], ARGV[i + 9]
  k = k + 2
  local answer, key, mark = {}, nil, nil
  if flag(flags, 1) then answer = redis.call('HGETALL', KEYS[k]) k = k + 1 end
  if flag(flags, 2) then key = KEYS[k] k = k + 1 end
  if flag(flags, 4) then mark = KEYS[k] end
  if mark and redis.call('EXISTS', mark) == 1 then return { 'seen' } end
  local r = readRecord(m)
  if flag(flags, 16) and r.l and r.l ~= ARGV[i + 8] then return { 'after', r.l } end
  local earlier = key and redis.call('GET', key)
  if earlier then
    -- A replica that has this write has the earlier one, too.
    if ARGV[5] == '1' then redis.call('PEXPIRE', m, ARGV[i + 3]) end
    local e, o = string.match(earlier, '^(%S*) (%d+)$')
    return { e, tonumber(o), 1, unpack(answer) }
  end
  local was = r.e
  if not r.e or r.t ~= term then begin(r, h, epoch, term, reached) end
  append(r, h, size, reached, envelope)
  dirty = size ~= '0'
  if dirty then redis.call('PEXPIRE', h, ARGV[i + 2]) end
  local last = digits(r.s)
  if r.e == was then
    redis.call('HSET', m, 's', last, 'w', now)
    dirty = true
    redis.call('PEXPIRE', m, ARGV[i + 3])
  else
    writeRecord(m, r, ARGV[i + 3])
  end
  dirty = true
  if flag(flags, 8) then
    if mark then redis.call('HSET', m, 'l', id) else redis.call('HDEL', m, 'l') end
  end
  if mark then redis.call('SET', mark, '1', 'PX', ARGV[i + 6]) end
  if key then redis.call('SET', key, r.e .. ' ' .. last, 'PX', ARGV[i + 4]) end
  tell(m, r, last, envelope)
  return { r.e, r.s, 0, unpack(answer) }
end
local answers = {}
local k = 2
for i = ${headWords + 1}, #ARGV, ${wordsEach} do
  local done, answer = false, 'NOREPLICAS no replica is connected'
  dirty = false
  if not unsafe then done, answer = pcall(publish, i, k) end
  if not done then answer = type(answer) == 'table' and answer.err or tostring(answer) end
  if not done and dirty then answer = 'UNKNOWN ' .. answer end
  answers[#answers + 1] = answer
  local flags = tonumber(ARGV[i])
  k = k + 2 + flags % 2 + math.floor(flags / 2) % 2 + math.floor(flags / 4) % 2
end
return answers
`,
)
