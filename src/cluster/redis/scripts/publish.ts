// Appends a batch: each publication whole, or not at all. Redis undoes nothing of a script that fails, so whatever can fail of
// a publication (memory, a key of another kind) goes first, and one that fails fails alone.
//
// KEYS: patterns of the lane; then of each publication, where it is not like the one before, record and history, and as its
// flags say presence, idempotency key, id.
// ARGV: epoch for numberings that begin here, bytes before the kind in a key, PUBLISH or SPUBLISH, feed of the lane, 1 where
// a replica must be there; then of each publication: flags, bytes of its envelope; where it is not like the one before history
// size, history ttl, record ttl, reached; as its flags say key ttl; id ttl and id; the id that it is to follow. Last all envelopes.
// Answers for each: {epoch, offset, 1 if duplicate, node, count, node, count …}, the offset alone where it is in the epoch of the
// answer before and no more is to be said, {'seen'}, {'after', last id}, or the error.
import { records, scriptOf, termOf } from './script.ts'

/**
 * Of a publication. `ordered`: its id becomes the record's last one; `after`: it names one that it must follow; `alike`: it is
 * of the channel of the one before, and kept as that is.
 */
export const publishFlags = { presence: 1, key: 2, id: 4, ordered: 8, after: 16, alike: 32 } as const

/** Arguments before those of the publications. */
const headWords = 5

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
local i, k, read, envelopes = ${headWords}, 1, 0, ARGV[#ARGV]
local function value() i = i + 1 return ARGV[i] end
local function name() k = k + 1 return KEYS[k] end
-- Of the next publication; what it does not say is as it was.
local m, h, size, historyTtl, ttl, reached
local flags, envelope, presence, key, keyTtl, mark, markTtl, id, after
local function take()
  flags = tonumber(value())
  local bytes = tonumber(value())
  envelope = string.sub(envelopes, read + 1, read + bytes)
  read = read + bytes
  if not flag(flags, 32) then
    m, h, size, historyTtl, ttl, reached = name(), name(), value(), value(), value(), tonumber(value())
  end
  presence = flag(flags, 1) and name()
  key = flag(flags, 2) and name()
  keyTtl = key and value()
  mark = flag(flags, 4) and name()
  markTtl, id = mark and value(), mark and value()
  after = flag(flags, 16) and value()
end
-- Epoch of the answer that was made last, where it has one.
local told
local function placed(e, o, duplicate, counts)
  local place = { e, o, duplicate, unpack(counts) }
  told = e
  return place
end
local function publish(before)
  local counts = presence and redis.call('HGETALL', presence) or {}
  if mark and redis.call('EXISTS', mark) == 1 then return { 'seen' } end
  local r = readRecord(m)
  if after and r.l and r.l ~= after then return { 'after', r.l } end
  local earlier = key and redis.call('GET', key)
  if earlier then
    -- A replica that has this write has the earlier one, too.
    if ARGV[5] == '1' then redis.call('PEXPIRE', m, ttl) end
    local e, o = string.match(earlier, '^(%S*) (%d+)$')
    return placed(e, tonumber(o), 1, counts)
  end
  local was = r.e
  if not r.e or r.t ~= term then begin(r, h, epoch, term, reached) end
  append(r, h, size, reached, envelope)
  dirty = size ~= '0'
  if dirty then redis.call('PEXPIRE', h, historyTtl) end
  local last = digits(r.s)
  if r.e == was then
    redis.call('HSET', m, 's', last, 'w', now)
    dirty = true
    redis.call('PEXPIRE', m, ttl)
  else
    writeRecord(m, r, ttl)
  end
  dirty = true
  if flag(flags, 8) then
    if mark then redis.call('HSET', m, 'l', id) else redis.call('HDEL', m, 'l') end
  end
  if mark then redis.call('SET', mark, '1', 'PX', markTtl) end
  if key then redis.call('SET', key, r.e .. ' ' .. last, 'PX', keyTtl) end
  tell(m, r, last, envelope)
  if r.e ~= before or presence then return placed(r.e, r.s, 0, counts) end
  told = before
  return r.s
end
local answers = {}
while i < #ARGV - 1 do
  local done, answer, before = false, 'NOREPLICAS no replica is connected', told
  dirty, told = false, nil
  take()
  if not unsafe then done, answer = pcall(publish, before) end
  if not done then answer = type(answer) == 'table' and answer.err or tostring(answer) end
  if not done and dirty then answer = 'UNKNOWN ' .. answer end
  answers[#answers + 1] = answer
end
return answers
`,
)
