// Every decoder of rpushd eats arbitrary bytes, and valid ones damaged: none may throw, and what they accept must
// keep its promises. RINGCAST_FUZZ_RUNS is the number of inputs in total, RINGCAST_SEED repeats a run.
import assert from 'node:assert/strict'
import { createHmac, randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createBearerCheck } from '../../src/auth/bearer.ts'
import { createHmacVerifier, mintHmacToken } from '../../src/auth/hmac-token.ts'
import { parseEpoch, parseOffset } from '../../src/engine/words/position.ts'
import { parseChannelName } from '../../src/engine/words/publication.ts'
import {
  createFrameReader,
  isChannelName,
  isJsonContentType,
  parsePublishBody,
  parseStreamBody,
  parseStreamPath,
} from '../../src/frontends/rpushd/codec.ts'
import { dropIn } from '../../src/frontends/rpushd/drop-in.ts'
import { createFormats } from '../../src/frontends/rpushd/format.ts'
import { normalise } from '../../src/frontends/rpushd/json.ts'
import { parseStatsQuery } from '../../src/frontends/rpushd/stats.ts'
import { createTokenCheck } from '../../src/frontends/rpushd/token.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
const runs = Number(process.env['RINGCAST_FUZZ_RUNS'] ?? 10_000)

const secret = 'subscription-secret'
const token = mintHmacToken(secret, { aud: 'rpushd', channel: 'c', exp: 4102444800, scope: 'subscribe' })
const verify = createHmacVerifier([secret])
const checkToken = createTokenCheck([secret])
const checkBearer = createBearerCheck(['publish-secret'])

const foreign = parseChannelName('c') ?? assert.fail('a short name is one')
const epoch = parseEpoch('e')

const samples = [
  '{"channel":"thread-posts:459","message":{"b":[1.0,"\\ud83d\\ude00\\/",null],"a":1e3}}',
  '["c",{"__proto__":{"a":true},"a":false}]',
  `{"token":"${token}"}`,
  `${'['.repeat(140)}${']'.repeat(140)}`,
  '/api/stream/thread-writers%3A459%C3%A9',
  'application/vnd.api+json; charset=utf-8',
  'Bearer publish-secret',
  'mode=json&verbose=%6F%6e&mode=+xml',
  '[::ffff:127.0.0.1]:045831',
  '+18446744073709551615',
  'warn,rpushd[span]=trace,hyper=2',
  token,
  '{"aud":"rpushd","channel":"c","exp":18446744073709551615,"scope":"subscribe"}',
].map(sample => Buffer.from(sample))

/** A sample with a few bytes replaced, and cut: closer to the edges of a grammar than bytes without form. */
const damaged = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    fc.option(fc.nat()),
  )
  .map(([sample, changes, cut]) => {
    const bytes = Buffer.from(sample)
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte
    return bytes.subarray(0, cut === null ? bytes.length : cut % (bytes.length + 1))
  })

/** Each takes bytes as they come and returns nothing; an assertion or any other exception is a find. */
const decoders: Record<string, (bytes: Buffer) => void> = {
  'publish body': bytes => {
    const body = parsePublishBody(bytes)
    if (body.ok) assert.equal(normalise(body.message).ok, true)
    else assert.notEqual(body.detail, '')
  },
  'stream body': bytes => {
    parseStreamBody(bytes)
  },
  'JSON text': bytes => {
    const result = normalise(bytes.toString('utf8'))
    if (result.ok) assert.deepEqual(normalise(result.text), result)
    normalise(bytes.toString('latin1'))
    normalise(bytes.toString('utf16le'))
  },
  'stream path': bytes => {
    parseStreamPath(bytes.toString('latin1'))
    const path = parseStreamPath(`/api/stream/${bytes.toString('latin1')}`)
    if (path.kind === 'channel') assert.notEqual(path.name, '')
  },
  'channel name and content type': bytes => {
    isChannelName(bytes.toString('utf8'))
    isJsonContentType(bytes.toString('latin1'))
  },
  frames: bytes => {
    const payloads = createFrameReader().push(bytes)
    const length = payloads.reduce((sum, payload) => sum + payload.length + 2, 0)
    assert(length <= bytes.length, 'no payload comes from nowhere')
  },
  'publications of other protocols': framePublications,
  'stats query': readStatsQuery,
  'variables of the original': readVariables,
  bearer: bytes => {
    const header = bytes.toString('latin1')
    assert.equal(checkBearer(header), header === 'Bearer publish-secret')
  },
  token: bytes => {
    const text = bytes.toString('latin1')
    // Nobody finds a signature by chance, so any other text than the one signed here must be refused.
    assert.equal(verify(text) !== undefined, text === token)
    assert.equal(checkToken(text, 'c', 0), text === token)
    const signed = `.${bytes.toString('base64url')}`
    const signature = createHmac('sha256', secret).update(signed).digest('base64url')
    assert.deepEqual(verify(`${signed}.${signature}`), bytes)
    checkToken(`${signed}.${signature}`, 'c', 0)
  },
}

const numRuns = Math.ceil(runs / Object.keys(decoders).length)
for (const [name, decode] of Object.entries(decoders)) {
  test(`no bytes make the decoder throw: ${name}`, t => {
    t.diagnostic(`seed ${seed}, ${numRuns} inputs`)
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged)
    fc.assert(
      fc.property(bytes, input => decode(Buffer.from(input))),
      { seed, numRuns },
    )
  })
}

function framePublications(bytes: Buffer): void {
  const large = Buffer.concat(Array(300).fill(bytes))
  const { plain, counting } = createFormats(() => {})
  for (const kind of ['json', 'text', 'bytes'] as const) {
    for (const payload of [bytes, large]) {
      const publication = { channel: foreign, offset: parseOffset(1), content: { kind, payload } }
      const encoded = plain.encode(publication, epoch)
      const counted = counting.encode(publication, epoch) ?? assert.fail('something counts in any case')
      const [frame, ...more] = createFrameReader().push(encoded ?? counted)
      assert(frame !== undefined && more.length === 0, 'one frame')
      assert.equal(frame[0] === 0x20, encoded === undefined, 'a notice is what no frame carries')
      assert(frame.length > 0, 'none is a heartbeat')
      if (encoded !== undefined) assert.deepEqual(counted, encoded)
    }
  }
}

function readStatsQuery(bytes: Buffer): void {
  const query = parseStatsQuery(bytes.toString('latin1'))
  if (!query.ok) assert.match(query.detail, /^duplicate field `(?:mode|verbose)`$/)
}

function readVariables(bytes: Buffer): void {
  const text = bytes.toString('utf8')
  for (const variable of ['RPUSHD_LISTEN', 'RPUSHD_SECRET', 'RPUSHD_HEARTBEAT_SECS', 'RUST_LOG']) {
    const given = { RPUSHD_SECRET: 's', RPUSHD_PUBLISH_SECRET: 'p', [variable]: text }
    const reading = dropIn.read([], given, 0)
    if (!reading.ok) assert.match(reading.lines.join(), /^1970-01-01T00:00:00\.000000Z ERROR \S/)
  }
}
