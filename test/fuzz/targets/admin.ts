// What the admin listener reads: bodies, queries, segments of paths, Host and Origin.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { isIP } from 'node:net'
import { checkAccess } from '../../../src/admin/access.ts'
import { parsePage, parseSegment, parseStart } from '../../../src/admin/channels.ts'
import { batchMax, parsePublications } from '../../../src/admin/publications.ts'
import { isGuarded, matchRoute } from '../../../src/admin/routes.ts'
import type { Content } from '../../../src/engine/words/publication.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const bodies = [
  '{"channel":"news","data":{"b":[1.0,"\\ud83d\\ude00\\/",null],"a":1e3,"__proto__":{}}}',
  '{"channel":"n\\u0065ws","text":"caf\\u00e9 \\n","idempotency_key":"k-1"}',
  '{"channel":"","base64":"AAH/gA=="}',
  ' [ {"channel":"a","data":12345678901234567890} , {"channel":"b","data":" [,] \\" "},{"channel":"c","data":[]} ] ',
  `{"channel":"deep","data":${'['.repeat(140)}${']'.repeat(140)}}`,
]

/** The member that the payload must mean. */
function checkContent({ kind, payload }: Content, entry: Readonly<Record<string, unknown>>): void {
  const text = Buffer.from(payload).toString('utf8')
  if (kind === 'json') deepEqual(JSON.parse(text), entry['data'])
  else if (kind === 'text') equal(text, entry['text'])
  else equal(Buffer.from(payload).toString('base64'), entry['base64'])
}

const publications: Target = {
  name: 'admin-publications',
  inputs: damaged(bodies),
  share: 2,
  check(bytes) {
    const parsed = parsePublications(bytes)
    if (!parsed.ok) {
      if (parsed.code === 'json-syntax') return assert.notEqual(parsed.detail, '')
      return assert.match(parsed.fault.pointer, /^#/)
    }
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    // It was taken, so it is an object or a list of objects.
    const entries = (Array.isArray(value) ? value : [value]) as Record<string, unknown>[]
    equal(parsed.isBatch, Array.isArray(value))
    equal(parsed.drafts.length, entries.length)
    assert(entries.length >= 1 && entries.length <= batchMax)
    for (const [index, { channel, content, idempotencyKey }] of parsed.drafts.entries()) {
      const entry = entries[index] ?? {}
      equal(channel, entry['channel'])
      equal(idempotencyKey, entry['idempotency_key'])
      checkContent(content, entry)
    }
  },
}

const queries = ['since=e1.41&limit=1000', 'limit=0&since=41', 'since=%65.9007199254740990', 'a=b&&=&limit=']
const paths = [
  '/v1/channels/thread%3A459%C3%A9/history',
  '/v1/channels//stream',
  '/v1/publications',
  '/metrics',
]

const questions: Target = {
  name: 'admin-questions',
  inputs: damaged([...queries, ...paths]),
  check(bytes) {
    const text = bytes.toString('latin1')
    const page = parsePage(text)
    if ('fault' in page) assert.notEqual(page.fault, '')
    else assert(page.limit >= 1 && page.limit <= 1_000)
    for (const since of [parseStart(text, undefined), parseStart(undefined, text)]) {
      if (since !== undefined && 'offset' in since) assert(Number.isSafeInteger(since.offset + 1))
    }
    const found = matchRoute(text)
    if (found?.route.path.startsWith('/v1/')) assert(isGuarded(text), 'a route under /v1 asks for the secret')
    const channel = parseSegment(found?.segment ?? text)
    if (channel === undefined) return
    assert(channel.isWellFormed() && Buffer.byteLength(channel) <= 1_024)
  },
}

const listed = { hosts: ['push.example.org', '[fe80::1]'], origins: ['https://ops.example.org'] }
const heads = [
  'localhost:7878',
  'LOCALHOST',
  '127.0.0.1:7878',
  '[::1]:7878',
  '[fe80::1]',
  'push.example.org:80',
  'push.example.org.evil.test',
  'localhost@evil.test:80',
  '127.0.0.1.evil.test',
  'https://ops.example.org',
]

/** The host as browsers read it, which decide what a page may send; undefined: they read none. */
function hostOf(text: string): string | undefined {
  try {
    return new URL(`http://${text}/`).hostname
  } catch {
    return undefined
  }
}

const access: Target = {
  name: 'admin-access',
  inputs: damaged(heads),
  check(bytes) {
    const text = bytes.toString('latin1')
    const asHost = checkAccess(name => (name === 'host' ? text : undefined), listed)
    const read = hostOf(text)
    if (asHost.ok && read !== undefined) {
      const isOwn =
        read === 'localhost' || listed.hosts.includes(read) || isIP(read.replace(/^\[|\]$/g, '')) !== 0
      assert(isOwn, `${JSON.stringify(text)} passes and means ${read}`)
    }
    const headers = new Map([
      ['host', 'localhost'],
      ['origin', text],
    ])
    const asOrigin = checkAccess(name => headers.get(name), listed)
    equal(asOrigin.ok, text.toLowerCase().replace(/\/$/, '') === listed.origins[0])
  },
}

export const adminTargets: readonly Target[] = [publications, questions, access]
