// A script as a server knows it: by the digest of its text. The texts stand in files of their own, and share the parts below.
import { createHash } from 'node:crypto'

export interface Script {
  readonly name: string
  readonly text: string
  readonly sha: string
}

export function scriptOf(name: string, text: string): Script {
  return { name, text, sha: createHash('sha1').update(text).digest('hex') }
}

/**
 * The server's *term*: what changes whenever its past may be another one than before. That is the id of its replication
 * history, new after every promotion and every start. A server that hides it has an id of its run; one that hides that, too,
 * has an id in its cluster, by which a restart is not seen.
 */
export const termOf = `
local function termOf(info)
  local term = string.match(info, 'master_replid:(%w+)')
  if term and not string.match(term, '^0+$') then return term, 'replication' end
  term = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  if term and not string.match(term, '^0+$') then return term, 'run' end
  return redis.call('CLUSTER', 'MYID'), 'member'
end
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/**
 * A channel's record is a hash: `e` epoch, `f` its first offset, `s` its last one so far, `t` the term in which it began,
 * `pe`, `pf`, `ps` the same of the numbering before it, `l` the last id of a publisher's order, `w` when it was written last,
 * by the server's clock in ms. What was before is said of a server that ran already when the record was written: it took that
 * over as it happened. One that started since has it from a disk, or from another server's, and nobody knows what is gone. Numbers are written
 * without an exponent: they have up to 16 digits. A new numbering begins above all that the server knows of the channel, what
 * is left in its stream included, 2^18 beyond what the node that asks has seen, and not below the server's clock × 64.
 */
export const records = `
local function digits(number) return string.format('%.0f', number) end
local function readRecord(m)
  local r = redis.call('HMGET', m, 'e', 'f', 's', 't', 'pe', 'pf', 'ps', 'l', 'w')
  local w = tonumber(r[9] or 0)
  return { e = r[1], f = r[2], s = tonumber(r[3] or 0), t = r[4], pe = r[5], pf = r[6], ps = r[7], l = r[8], w = w }
end
local function firstOffset(h, last, reached)
  local top = redis.call('XREVRANGE', h, '+', '-', 'COUNT', 1)[1]
  local stored = top and tonumber(string.match(top[1], '^%d+')) or 0
  return math.max(nowMs() * 64, last + 262144, reached + 262144, stored + 262144)
end
local function ranAt(ms)
  local uptime = string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)')
  -- In whole seconds: it may have started up to one later than they say.
  return uptime ~= nil and nowMs() - uptime * 1000 + 1000 < ms
end
local function begin(r, h, epoch, term, reached)
  local first = firstOffset(h, r.s, reached)
  if r.e and ranAt(r.w) then r.pe, r.pf, r.ps = r.e, r.f, digits(r.s) else r.pe = nil end
  r.e, r.f, r.s, r.t = epoch, digits(first), first - 1, term
end
local function writeRecord(m, r, ttl)
  redis.call('HSET', m, 'e', r.e, 'f', r.f, 's', digits(r.s), 't', r.t, 'w', digits(nowMs()))
  if r.pe then redis.call('HSET', m, 'pe', r.pe, 'pf', r.pf, 'ps', r.ps) else redis.call('HDEL', m, 'pe', 'pf', 'ps') end
  redis.call('PEXPIRE', m, ttl)
end
`
