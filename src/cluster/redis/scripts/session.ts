// What a node says of itself: that it is there, what it watches, how many subscribers it has; and whether it may do all that.
import { scriptOf, termOf } from './script.ts'

/**
 * A write, so that a server that takes none is found out; and a round trip through the way of deliveries. KEYS: nodes, what they
 * say of themselves. ARGV: node, time for which it counts as alive, PUBLISH or SPUBLISH, channel of the ping, its text, 1 where the
 * nodes are wanted, what this one says of itself, how long that is kept. Answers role, term, kind of term, nodes, 1 where this one was
 * not among them, and what those say: {node, text, …}.
 */
export const aliveScript = scriptOf(
  'alive',
  `${termOf}
local info = redis.call('INFO', 'replication')
local term, kind = termOf(info)
local now = nowMs()
local written = redis.pcall('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
-- A server that is out of memory is there: it refuses each publication by itself.
if type(written) == 'table' and written.err and string.sub(written.err, 1, 3) ~= 'OOM' then return written end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call(ARGV[3], ARGV[4], ARGV[5])
local nodes, about = {}, {}
if ARGV[6] == '1' then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
  nodes = redis.call('ZRANGE', KEYS[1], 0, -1)
  local lives = {}
  for _, node in ipairs(nodes) do lives[node] = true end
  -- Nobody needs it: where it cannot be had, or is something else, nothing is known of anybody.
  redis.pcall('HSET', KEYS[2], ARGV[1], ARGV[7])
  redis.pcall('PEXPIRE', KEYS[2], ARGV[8])
  local told = redis.pcall('HGETALL', KEYS[2])
  for i = 1, #told, 2 do
    if lives[told[i]] then
      about[#about + 1] = told[i]
      about[#about + 1] = told[i + 1]
    else
      redis.pcall('HDEL', KEYS[2], told[i])
    end
  end
end
return { string.match(info, 'role:(%w+)'), term, kind, nodes, written == 1 and 1 or 0, about }
`,
)

/** KEYS: patterns of a lane. ARGV: lease, how many there may be, patterns. Answers 1 for each that is watched now. */
export const watchScript = scriptOf(
  'watch',
  `${termOf}
local now = nowMs()
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local watched = {}
for i = 3, #ARGV do
  local known = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if known or redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[2]) then
    redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[1]), ARGV[i])
    watched[i - 2] = 1
  else
    watched[i - 2] = 0
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return watched
`,
)

/** KEYS: presence of channels. ARGV: node, ttl, its subscribers of each. One key of another kind does not hinder the others. */
export const countScript = scriptOf(
  'count',
  `
for k = 1, #KEYS do
  local count = ARGV[k + 2]
  if count == '0' then
    redis.pcall('HDEL', KEYS[k], ARGV[1])
  else
    redis.pcall('HSET', KEYS[k], ARGV[1], count)
    redis.pcall('PEXPIRE', KEYS[k], ARGV[2])
  end
end
return 1
`,
)

/** KEYS: presence of a channel. ARGV: nodes that are gone. Answers {node, count, …} of the others. */
export const presenceScript = scriptOf(
  'presence',
  `
for i = 1, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
return redis.call('HGETALL', KEYS[1])
`,
)

/** KEYS: what all nodes must agree on. ARGV: what this one would have. Answers what counts: the first node decides. */
export const agreeScript = scriptOf(
  'agree',
  `
local agreed = redis.call('GET', KEYS[1])
if agreed then return agreed end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
`,
)

/**
 * Tries every command that scripts use, on keys that nobody else has and that are gone afterwards. KEYS: a hash, a stream, a
 * sorted set, a text. ARGV: PUBLISH or SPUBLISH, a channel that nobody hears. Answers {command, error, …} of what failed.
 */
export const rehearseScript = scriptOf(
  'rehearse',
  `
local failed = {}
local function try(...)
  local answer = redis.pcall(...)
  -- One that is out of memory refuses publications, each by itself, and has all that is kept.
  if type(answer) == 'table' and answer.err and string.sub(answer.err, 1, 3) ~= 'OOM' then
    failed[#failed + 1] = (...)
    failed[#failed + 1] = answer.err
  end
end
local hash, stream, set, text = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
try('DEL', hash, stream, set, text)
try('INFO', 'replication')
try('TIME')
try('HSET', hash, 'a', '1')
try('HMGET', hash, 'a')
try('HGETALL', hash)
try('HDEL', hash, 'b')
try('PEXPIRE', hash, '10000')
try('PTTL', hash)
try('XADD', stream, 'MAXLEN', '1', '1', 'e', '')
try('XRANGE', stream, '1', '1', 'COUNT', '1')
try('XREVRANGE', stream, '+', '-', 'COUNT', '1')
try('XLEN', stream)
try('XTRIM', stream, 'MINID', '1')
try('ZADD', set, '1', 'a')
try('ZRANGE', set, '0', '-1')
try('ZSCORE', set, 'a')
try('ZCARD', set)
try('ZREMRANGEBYSCORE', set, '-inf', '0')
try('SET', text, '1', 'PX', '10000')
try('GET', text)
try('EXISTS', text)
try(ARGV[1], ARGV[2], '')
try('DEL', hash, stream, set, text)
return failed
`,
)
