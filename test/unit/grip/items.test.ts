// What becomes of items: plain data and back, what others get of them, what a batch has, and the answers to long polls.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { headOf, instructedResponse, responseOf } from '../../../src/frontends/grip/hold/response-of.ts'
import { Batch } from '../../../src/frontends/grip/item/batch.ts'
import { decodeItem, encodeItem } from '../../../src/frontends/grip/item/codec.ts'
import { contentOf, itemOf } from '../../../src/frontends/grip/item/content.ts'
import { readItem, readItems } from '../../../src/frontends/grip/item/from-json.ts'
import type { Formats, Item, ResponseSend, SocketFormat } from '../../../src/frontends/grip/item/item.ts'
import { packExact, unpack } from '../../../src/std/msgpack.ts'
import { isPlain, type Plain } from '../../../src/std/plain.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true })
const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const payload = fc.uint8Array({ maxLength: 40 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })
const filters = maybe(fc.array(text, { maxLength: 3 }))
const bare = record({ action: fc.constantFrom('hint' as const, 'close' as const, 'refresh' as const) })

const response = record({
  action: fc.constant('send' as const),
  code: fc.integer({ min: 0, max: 999 }),
  reason: text,
  headers: fc.array(fc.tuple(text, text), { maxLength: 3 }).map(pairs => pairs.flat()),
  body: fc.oneof(payload, record({ patch: text })),
  contentFilters: filters,
})
const stream = record({ action: fc.constant('send' as const), content: payload, contentFilters: filters })
const socket: fc.Arbitrary<SocketFormat> = fc.oneof(
  record({
    action: fc.constant('send' as const),
    type: fc.constantFrom('text' as const, 'binary' as const, 'ping' as const, 'pong' as const),
    content: payload,
    contentFilters: filters,
  }),
  record({ action: fc.constant('close' as const), code: maybe(fc.nat(65_535)), reason: maybe(text) }),
  record({ action: fc.constantFrom('hint' as const, 'refresh' as const) }),
)
const item: fc.Arbitrary<Item> = record({
  channel: text,
  id: maybe(text),
  prevId: maybe(text),
  noSeq: fc.boolean(),
  size: maybe(fc.nat()),
  meta: fc.array(fc.tuple(text, text), { maxLength: 3 }).map(pairs => new Map(pairs)),
  response: maybe(fc.oneof(response, bare)),
  stream: maybe(fc.oneof(stream, bare)),
  socket: maybe(socket),
})

describe('items as plain data', () => {
  test('every item comes back as it was, over a link too', () => {
    fc.assert(
      fc.property(item, given => {
        const plain = encodeItem(given)
        ok(isPlain(plain, 16))
        deepEqual(decodeItem(given.channel, plain), given)
        const crossed = unpack(packExact(plain)) as Plain // it was plain when it was packed
        const back = decodeItem(given.channel, crossed)
        ok(back !== undefined)
        deepEqual(packExact(encodeItem(back)), packExact(plain))
      }),
    )
  })

  test('what is no item is none, wherever it is damaged', () => {
    const strangers: readonly Plain[] = [null, -1, 0.5, 'x', [[]], {}, new Uint8Array(1), [9]]
    const whole = encodeItem({
      channel: 'a',
      noSeq: false,
      meta: new Map(),
      response: { action: 'send', code: 200, reason: '', headers: [], body: bytes('') },
      stream: { action: 'close' },
      socket: { action: 'close' },
    })
    ok(Array.isArray(whole) && decodeItem('a', whole) !== undefined)
    for (const stranger of strangers) {
      equal(decodeItem('a', stranger), undefined)
      for (let at = 0; at < whole.length; at++) {
        const damaged = decodeItem('a', whole.with(at, stranger))
        ok(damaged === undefined || (at < 2 && stranger === 'x'), `${at} became ${stranger}`)
      }
    }
  })
})

describe('between protocols', () => {
  const send = (content: string) => ({ action: 'send', content: bytes(content) }) as const
  const rows: readonly [formats: Formats, kind: string, payload: string][] = [
    [{ stream: send('a'), socket: { ...send('b'), type: 'text' } }, 'text', 'b'],
    [{ stream: send('a'), socket: { ...send('b'), type: 'ping' } }, 'text', 'a'],
    [{ stream: { action: 'hint' }, response: responseSend(bytes('c')) }, 'text', 'c'],
    [{ stream: send('{"a":1}\n') }, 'json', '{"a":1}\n'],
    [{ stream: send('[1]') }, 'json', '[1]'],
    [{ stream: send('[1') }, 'text', '[1'],
    [{ stream: send(' {}') }, 'text', ' {}'],
    [{ stream: send('5') }, 'text', '5'],
    [{ stream: send('') }, 'text', ''],
    [{ stream: { action: 'close' } }, 'none', ''],
    [{ response: responseSend({ patch: '[]' }) }, 'none', ''],
    [{}, 'none', ''],
  ]
  test('others get the first payload, as what it is', () => {
    for (const [formats, kind, expected] of rows) {
      deepEqual(contentOf(formats), { kind, payload: bytes(expected) }, `${kind} ${expected}`)
    }
    equal(contentOf({ stream: { action: 'send', content: Uint8Array.of(255) } }).kind, 'bytes')
  })

  test('what others publish is for all three kinds of client, and nothing is added', () => {
    const own = itemOf('c', { kind: 'bytes', payload: Uint8Array.of(1) })
    deepEqual(own.socket, { action: 'send', type: 'binary', content: Uint8Array.of(1) })
    for (const kind of ['json', 'text']) {
      const { response: answer, stream: piece, socket: frame } = itemOf('c', { kind, payload: bytes('[1]') })
      deepEqual(piece, send('[1]'))
      deepEqual(frame, { ...send('[1]'), type: 'text' })
      deepEqual(answer, { action: 'send', code: 200, reason: 'OK', headers: [], body: bytes('[1]') })
    }
    deepEqual(itemOf('c', { kind: 'none', payload: bytes('') }), {
      channel: 'c',
      noSeq: false,
      meta: new Map(),
    })
  })

  test('what a publisher of the same kind sends comes back', () => {
    fc.assert(
      fc.property(payload, fc.constantFrom('text', 'bytes'), (content, kind) => {
        deepEqual(contentOf(itemOf('c', { kind, payload: content })).payload, content)
      }),
    )
  })
})

function responseSend(body: ResponseSend['body'], more: Partial<ResponseSend> = {}): ResponseSend {
  return { action: 'send', code: 200, reason: 'OK', headers: [], body, ...more }
}

describe('batches', () => {
  const of = (...formats: Formats[]) =>
    new Batch(
      formats.map((each, offset) => ({
        offset,
        item: { channel: 'c', noSeq: false, meta: new Map(), ...each },
      })),
    )
  const piece = (content: string): Formats => ({ stream: { action: 'send', content: bytes(content) } })

  test('each content for streams is a chunk, all of them are one piece, and nothing is none', () => {
    equal(
      Buffer.from(of(piece('a'), piece(''), piece('bc')).chunks ?? []).toString(),
      '1\r\na\r\n2\r\nbc\r\n',
    )
    equal(of(piece('')).chunks, undefined)
    equal(of().chunks, undefined)
    const batch = of(piece('x'), { stream: { action: 'hint' } })
    deepEqual(batch.contents, [bytes('x')])
    equal(batch.chunks, batch.chunks, 'it is made once')
  })

  test('a stream has only to write where nothing else is said to streams', () => {
    const batch = of({ response: { action: 'hint' } }, { response: responseSend(bytes('one')) })
    ok(batch.isPlain, 'none of it is for streams')
    equal(of(piece('a'), { stream: { action: 'close' } }).isPlain, false)
    equal(of({ stream: { action: 'send', content: bytes(''), contentFilters: [] } }).isPlain, false)
  })
})

describe('answers', () => {
  const stored = {
    status: 418,
    reason: 'Kept',
    rawHeaders: ['X-A', '1', 'x-b', '2', 'Content-Length', '8', 'Set-Cookie', 'a', 'Set-Cookie', 'b'],
    body: bytes('{"a":1}\n'),
  }

  test('a published response replaces what it names, and its status is its own (row 98)', () => {
    const answer = responseOf(stored, responseSend(bytes('done\n'), { headers: ['X-B', '3', 'X-C', '4'] }))
    deepEqual(answer, {
      status: 200,
      reason: 'OK',
      rawHeaders: ['X-A', '1', 'Set-Cookie', 'a', 'Set-Cookie', 'b', 'X-B', '3', 'X-C', '4'],
      body: bytes('done\n'),
    })
  })

  test('it exposes what it names and hides the rest, the other way round than the original (row 108)', () => {
    const headers = ['Grip-Expose-Headers', 'x-a, X-C', 'X-B', '3', 'X-C', '4']
    deepEqual(responseOf(stored, responseSend(bytes(''), { headers })).rawHeaders, ['X-A', '1', 'X-C', '4'])
  })

  test('nothing in it frames, ends or forges a response', () => {
    const headers = [
      'Content-Length',
      '9',
      'transfer-encoding',
      'chunked',
      'a b',
      '1',
      'X-D',
      '1\r\nX-E: 2',
      'X-F',
      'é',
    ]
    const answer = responseOf(stored, responseSend(bytes(''), { headers, reason: 'O\r\nK' }))
    deepEqual(answer.rawHeaders.slice(-2), ['X-F', '\xc3\xa9'])
    equal(answer.reason, 'O  K')
    equal(answer.rawHeaders.length, 10)
  })

  test('a patch is one of the stored body (row 212)', () => {
    const patch = '[{"op":"replace","path":"/a","value":2}]'
    equal(Buffer.from(responseOf(stored, responseSend({ patch })).body).toString(), '{"a":2}\n')
  })

  test('the head of a hold has neither instructions nor a length (rows 70, 83)', () => {
    const head = {
      status: 200,
      reason: 'OK',
      rawHeaders: ['X-A', '1', 'Grip-Hold', 'stream', 'Content-Length', '3', 'X-B', '2'],
    }
    const hold = { mode: 'stream', channels: [], timeoutMs: 0, meta: new Map<string, string>() } as const
    deepEqual(headOf(head, { hold, ignoredChannels: 0 }), { ...head, rawHeaders: ['X-A', '1', 'X-B', '2'] })
    const next = { uri: 'http://h/n', timeoutMs: 0 }
    ok(!headOf(head, { next, ignoredChannels: 0 }).rawHeaders.includes('Content-Length'))
    const exposed = headOf(head, {
      exposeHeaders: ['x-b'],
      status: { code: 204, reason: 'No' },
      ignoredChannels: 0,
    })
    deepEqual(exposed, { status: 204, reason: 'No', rawHeaders: ['Content-Length', '3', 'X-B', '2'] })
  })
})

test('a JSON instruction has a response in place of that of the origin', () => {
  const origin = { status: 200, reason: 'OK', rawHeaders: ['Grip-Link', 'x', 'A', '1'], body: bytes('{}') }
  deepEqual(instructedResponse(origin, { ignoredChannels: 0 }), { ...origin, rawHeaders: ['A', '1'] })
  const response = { code: 404, reason: 'No', rawHeaders: ['B', '2'], body: bytes('nf') }
  deepEqual(instructedResponse(origin, { ignoredChannels: 0, response }), {
    status: 404,
    reason: 'No',
    rawHeaders: ['B', '2'],
    body: bytes('nf'),
  })
})

test('commands and frames hand items in without a body', () => {
  deepEqual(readItems({}), { ok: false, fault: 'format', message: `object does not contain 'items'` })
  const reading = readItem({ 'http-stream': { content: 'x' } }, 'of the frame')
  equal(reading.ok && reading.item.channel, 'of the frame')
  // As tnetstrings have it: all texts are bytes.
  const raw = readItem({
    channel: bytes('a'),
    id: bytes('1'),
    formats: {
      'http-stream': { content: Uint8Array.of(255), 'content-filters': [bytes('var-subst')] },
      'http-response': { code: bytes('404'), headers: [[bytes('A'), bytes('b')]], body: bytes('c') },
    },
    meta: { sender: bytes('s') },
  })
  ok(raw.ok)
  deepEqual([raw.item.channel, raw.item.id, raw.item.meta.get('sender')], ['a', '1', 's'])
  deepEqual(raw.item.stream, { action: 'send', content: Uint8Array.of(255), contentFilters: ['var-subst'] })
  deepEqual(raw.item.response, {
    ...responseSend(bytes('c'), { code: 404, reason: 'Not Found', headers: ['A', 'b'] }),
    contentFilters: undefined,
  })
})
