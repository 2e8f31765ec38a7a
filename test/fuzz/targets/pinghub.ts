// pinghub's decoders: request targets, handshakes and origins, messages and queries, and the codes that end a
// WebSocket. What our handshake lets through must be sound for the library too, which looks at the key's length alone.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { contentOf, createFormats, encodeNotice, parseResume } from '../../../src/frontends/pinghub/codec.ts'
import { faultOf, meansSocket } from '../../../src/frontends/pinghub/handshake.ts'
import { createOriginCheck, parseOrigin } from '../../../src/frontends/pinghub/origin.ts'
import { parseTarget } from '../../../src/frontends/pinghub/path.ts'
import {
  countClose,
  createCloseCounters,
  readClose,
  sendableCode,
  sendableReason,
} from '../../../src/net/close-code.ts'
import { asksForSocket, mistakeOf } from '../../../src/net/handshake.ts'
import { channelName } from '../../helpers/mesh.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const lengthMax = 256
const { plain } = createFormats()

const paths: Target = {
  name: 'pinghub-paths',
  inputs: damaged([
    '/thread/%C3%A9//a/./../b/',
    '/a%2F%2e%2E%2fb',
    '/..//..',
    `/${'%F0%9F%98%80'.repeat(255)}`,
    `/${'k'.repeat(256)}`,
    '/\u03ba\ufffd',
  ]),
  check(bytes) {
    const raw = bytes.toString('utf8')
    const target = parseTarget(raw, undefined)
    if (target.kind === 'moved') {
      assert.match(target.location, /^\/[!-~]*$/)
      // One move is enough, and it never leads to another host.
      const next = parseTarget(target.location, undefined)
      assert(next.kind !== 'moved' && next.kind !== 'malformed', `${target.location} is ${next.kind}`)
      assert(!target.location.startsWith('//'), target.location)
      const withQuery = parseTarget(raw, 'a=%zz')
      assert(withQuery.kind === 'moved' && withQuery.location === `${target.location}?a=%zz`)
    }
    if (target.kind !== 'channel') return
    const { path, channel } = target
    equal(path, `/${channel}`)
    assert(path.isWellFormed() && [...path].length <= lengthMax, 'a path is text within the limit')
    assert(
      !path
        .split('/')
        .slice(1, -1)
        .some(part => part === '' || part === '.' || part === '..'),
      path,
    )
    const again = parseTarget(`/${encodeURIComponent(channel)}`, 'x')
    deepEqual(again, target)
  },
}

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const heads = [
  `connection: keep-alive, Upgrade\nupgrade: websocket\nsec-websocket-version: 13\nsec-websocket-key: ${key}\norigin: https://a.example`,
  `connection: upgrade\nupgrade: h2c, WebSocket\nsec-websocket-version: 8, 13\nsec-websocket-key: ${key}\ncontent-length: 00`,
  `connection: upgrade\nupgrade: websocket\nsec-websocket-version: 13\nsec-websocket-key: ${key}\norigin: http://u@b.example:8080/x?y#z`,
]
const allowsOrigin = createOriginCheck(['https://a.example', 'http://b.example:8080'])

/** As browsers read it, who write it: for what they never send there is none. */
function originOf(text: string): string | undefined {
  try {
    const { protocol, host } = new URL(text)
    return `${protocol}//${host}`
  } catch {
    return undefined
  }
}

const handshakes: Target = {
  name: 'pinghub-handshakes',
  inputs: damaged(heads),
  check(bytes) {
    const lines = bytes.toString('latin1').split('\n')
    const fields = new Map(
      lines.map(line => {
        const at = line.indexOf(':')
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const
      }),
    )
    const asking = { method: 'GET', header: (name: string) => fields.get(name) }
    const fault = faultOf(asking, allowsOrigin)
    if (fault === undefined) {
      assert(meansSocket(asking), 'what is sound means a WebSocket')
      // The list of versions is the original's reading; all else must suit the library.
      const strict = {
        ...asking,
        header: (name: string) => (name.endsWith('version') ? '13' : fields.get(name)),
      }
      equal(mistakeOf(strict), undefined)
      assert(asksForSocket(asking), 'the library would not take it for one')
    }
    if (fault === undefined || fault === 'origin-refused') {
      const given = fields.get('origin')
      equal(allowsOrigin(given), fault === undefined)
      const own = given === undefined ? undefined : originOf(given)
      if (fault === undefined && own !== undefined) {
        assert(own === 'https://a.example' || own === 'http://b.example:8080', `${given} means ${own}`)
      }
    }
    const text = bytes.toString('latin1')
    const origin = parseOrigin(text)
    if (origin !== undefined) deepEqual(parseOrigin(`${origin.scheme}://${origin.host}/`), origin)
  },
}

const epoch = parseEpoch('e1')
const offset = parseOffset(7)

const messages: Target = {
  name: 'pinghub-messages',
  inputs: damaged([
    '{"a":[1,"\\ud83d"]}',
    '[1,2',
    'caf\u00e9',
    'since=e1.41&jwt=x',
    'since=',
    'a&since=%65.9&since=',
    'since=e.9007199254740991',
  ]),
  check(bytes) {
    if (isUtf8(bytes)) {
      const { kind, payload } = contentOf(bytes)
      equal(payload, bytes)
      if (kind === 'json') assert(typeof JSON.parse(bytes.toString()) === 'object')
    }
    const messages = (['text', 'json', 'bytes'] as const).map(kind => {
      return plain.encode({ channel: channelName('a'), offset, content: { kind, payload: bytes } }, epoch)
    })
    deepEqual(messages, [bytes, bytes, Buffer.from(bytes.toString('base64'))])
    const resume = parseResume(bytes.toString('latin1'))
    if (resume?.since === undefined) return
    assert(Number.isSafeInteger(resume.since.offset + 1) && resume.since.epoch !== undefined)
    const { ringcast } = JSON.parse(
      Buffer.from(encodeNotice({ epoch, offset: resume.since.offset }, true)).toString(),
    )
    equal(parseResume(`since=${ringcast.position}`)?.since?.offset, resume.since.offset)
  },
}

/** What RFC 6455 section 7.4 lets an end send. */
function maySend(code: number): boolean {
  return (
    (code >= 1_000 && code <= 1_014 && ![1_004, 1_005, 1_006].includes(code)) ||
    (code >= 3_000 && code <= 4_999)
  )
}

const closes: Target = {
  name: 'close-codes',
  inputs: damaged([
    '\x03\xe8',
    '\x03\xee\x0f\xa0Received too big message',
    `\x03\xf3${'\u00e9'.repeat(70)}`,
    '\u{1f600}'.repeat(40),
  ]),
  check(bytes) {
    const code = bytes.length >= 2 ? bytes.readUInt16BE(0) : 1_005
    const text = bytes.toString('utf8')
    const sent = sendableCode(code)
    assert(maySend(sent) || sent === 1_005, `${sent} would be sent`)
    if (maySend(code)) equal(sent, code)
    const reason = sendableReason(text)
    const size = Buffer.byteLength(reason)
    assert(
      reason.isWellFormed() && size <= 123 && text.startsWith(reason),
      'a reason is cut between characters',
    )
    if (Buffer.byteLength(text) > 123) assert(size >= 120, 'no more is cut than one character')
    const counters = createCloseCounters()
    for (const given of [code, code % 16 === 0 ? 1_006 : 1_000 + (code % 16)]) {
      const read = readClose(given, text)
      if (given === 1_006) equal(read.reason, '')
      else deepEqual(read, { code: given, reason: text })
      countClose(counters, read.code)
    }
    equal(
      Object.values(counters).reduce((sum, count) => sum + count),
      2,
    )
  },
}

export const targets: readonly Target[] = [paths, handshakes, messages, closes]
