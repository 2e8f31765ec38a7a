// Asks where channels are and what is kept of them. All but `ask`, which begins a numbering where there is none or where the
// server's past may have changed, leave records as they are.
import { records, scriptOf, termOf } from './script.ts'

/** KEYS: record, history. ARGV: epoch for a numbering that begins here, reached, record ttl. Answers {e, f, s, pe, pf, ps, l}. */
export const askScript = scriptOf(
  'ask',
  `${termOf}${records}
local r = readRecord(KEYS[1])
local term = termOf(redis.call('INFO', 'replication'))
if not r.e or r.t ~= term then
  begin(r, KEYS[2], ARGV[1], term, tonumber(ARGV[2]))
  writeRecord(KEYS[1], r, ARGV[3])
elseif redis.call('PTTL', KEYS[1]) * 2 < tonumber(ARGV[3]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return { r.e, tonumber(r.f), r.s, r.pe, r.pe and tonumber(r.pf), r.pe and tonumber(r.ps), r.l }
`,
)

/**
 * KEYS: records. ARGV: record ttl; then of each the epoch and the next offset that somebody has. Answers the indices, from 0,
 * of those that are elsewhere. A channel that is quiet and followed keeps its record.
 */
export const compareScript = scriptOf(
  'compare',
  `${termOf}
local term = termOf(redis.call('INFO', 'replication'))
local ttl = tonumber(ARGV[1])
local different = {}
for k = 1, #KEYS do
  -- A key of another kind answers an error, which has none of them.
  local r = redis.pcall('HMGET', KEYS[k], 'e', 's', 't')
  local last = tonumber(r[2] or nil)
  if r[1] ~= ARGV[k * 2] or r[3] ~= term or not last or last + 1 ~= tonumber(ARGV[k * 2 + 1]) then
    different[#different + 1] = k - 1
  elseif redis.call('PTTL', KEYS[k]) * 2 < ttl then
    redis.call('PEXPIRE', KEYS[k], ttl)
  end
end
return different
`,
)

/**
 * KEYS: record, history. ARGV: epoch, first offset wanted, last one, entries at most, bytes at most. Answers false where the
 * epoch is neither the present one nor the one before, else the oldest offset kept from there on (or the numbering's end), and
 * envelopes, contiguous. Taken in pieces, for entries may be large and one call must not hold the server for long.
 */
export const readScript = scriptOf(
  'read',
  `${records}
local r = readRecord(KEYS[1])
local first, last
if r.e == ARGV[1] then first, last = tonumber(r.f), r.s
elseif r.pe == ARGV[1] then first, last = tonumber(r.pf), tonumber(r.ps)
else return false end
local from, to = math.max(first, tonumber(ARGV[2])), math.min(last, tonumber(ARGV[3]))
local leftEntries, leftBytes = tonumber(ARGV[4]), tonumber(ARGV[5])
local answer = { last + 1 }
local at, piece = from, 4
while at <= last and (at <= to or #answer == 1) and leftEntries > 0 and leftBytes > 0 do
  local entries = redis.call('XRANGE', KEYS[2], digits(at), digits(last), 'COUNT', math.min(piece, leftEntries))
  if #entries == 0 then break end
  for _, entry in ipairs(entries) do
    local offset = tonumber(string.match(entry[1], '^%d+'))
    if #answer == 1 and at == from then answer[1] = offset at = offset end
    if offset ~= at or offset > to then return answer end
    local envelope = entry[2][2]
    leftBytes = leftBytes - #envelope
    if #answer > 1 and leftBytes < 0 then return answer end
    answer[#answer + 1] = envelope
    leftEntries = leftEntries - 1
    at = at + 1
  end
  -- So many as will fit by what the last ones were; 256 of them are quick.
  local mean = (tonumber(ARGV[5]) - leftBytes) / (#answer - 1)
  piece = math.max(1, math.min(256, math.floor(leftBytes / math.max(1, mean))))
end
return answer
`,
)

/** KEYS: record, history. Answers as `ask`, and how many are kept; false where there is no record. */
export const inspectScript = scriptOf(
  'inspect',
  `${records}
local r = readRecord(KEYS[1])
if not r.e then return false end
local kept = math.min(redis.call('XLEN', KEYS[2]), r.s + 1 - tonumber(r.f))
return { r.e, tonumber(r.f), r.s, r.pe, r.pe and tonumber(r.pf), r.pe and tonumber(r.ps), r.l, kept }
`,
)

/** KEYS: record, history. ARGV: offset through which everything of the present numbering may go. */
export const trimScript = scriptOf(
  'trim',
  `${records}
local r = readRecord(KEYS[1])
local through = tonumber(ARGV[1])
if not r.e or through < tonumber(r.f) or through > r.s then return 0 end
return redis.call('XTRIM', KEYS[2], 'MINID', digits(through + 1))
`,
)
