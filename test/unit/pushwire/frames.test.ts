// Publications of every protocol as frames: on sockets, and as events.
import { deepEqual, equal, fail } from 'node:assert/strict'
import { test } from 'node:test'
import { StreamDecoder } from '../../../src/commands/stream-decoder.ts'
import type { Format } from '../../../src/engine/reader/subscriber.ts'
import { type Epoch, parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import type { ContentKind, Publication, Renderings } from '../../../src/engine/words/publication.ts'
import {
  encodeEvent,
  encodeRetry,
  eventHead,
  keepAlive,
} from '../../../src/frontends/pushwire/wire/events.ts'
import { createFormats, senderOf, sentBy } from '../../../src/frontends/pushwire/wire/frames.ts'
import { channelName } from '../../helpers/mesh.ts'
import { clientId } from './given.ts'

const epoch = parseEpoch('9f2c01ab')
/** The engine's name of a stream may be another one than the wire's. */
const formats = createFormats(channel => channel.replace('private ', ''))

function publicationOf(
  kind: ContentKind,
  payload: string | Uint8Array,
  renderings?: Renderings,
): Publication {
  return {
    channel: channelName('private chat'),
    offset: parseOffset(42),
    content: { kind, payload: Buffer.from(payload as string) }, // Buffer.from takes both
    ...(renderings !== undefined && { renderings }),
  }
}

function textOf(format: Format, publication: Publication, of: Epoch = epoch): string {
  return Buffer.from(format.encode(publication, of) ?? fail('no frame')).toString()
}

const json = publicationOf('json', '{"msg":"hi"}')

test('a frame has its members in the order of the contract, and the sender where a client of ours sent it', () => {
  equal(textOf(formats.socket[0], json), '{"channel":"chat","cursor":42,"payload":{"msg":"hi"}}')
  equal(
    textOf(formats.socket[0], publicationOf('json', '{"msg":"hi"}', sentBy(clientId))),
    `{"channel":"chat","cursor":42,"payload":{"msg":"hi"},"client_id":"${clientId}"}`,
  )
})

test('a lap raises the cursor alone, and no two formats have one id', () => {
  const laps = [0, 1, 2, 3] as const
  for (const lap of laps) {
    const cursor = lap * 2 ** 51 + 42
    equal(textOf(formats.socket[lap], json), `{"channel":"chat","cursor":${cursor},"payload":{"msg":"hi"}}`)
    equal(textOf(formats.stream[lap], json).split('\n')[1], `id: chat:9f2c01ab.${cursor}`)
  }
  const all = laps.flatMap(lap => Object.values(formats).map(byLap => byLap[lap].id))
  equal(new Set(all).size, 16)
  deepEqual(
    laps.map(lap => formats.socket[lap].id),
    ['pushwire', 'pushwire 1', 'pushwire 2', 'pushwire 3'],
  )
})

test('the kinds of content are rendered as by every wire that carries JSON', () => {
  for (const [kind, payload, rendered] of [
    ['json', '12345678901234567890.50', '12345678901234567890.50'],
    ['json', '{"b":1, "a":[2],"b":2}', '{"b":1, "a":[2],"b":2}'],
    ['json', '["\\ud800"]', '["\\ud800"]'],
    ['json', '{\r\n"a":\n1}', '{\r\n"a":\n1}'],
    ['text', 'hello', '"hello"'],
    ['text', '{"a":1}', '"{\\"a\\":1}"'],
    ['text', 'a\r\n\nb\0', '"a\\r\\n\\nb\\u0000"'],
    ['text', '\ufeff😀\u2028', '"\ufeff😀\u2028"'],
    ['text', '', '""'],
    ['bytes', new Uint8Array([0xff, 0, 0xfe]), '"/wD+"'],
    ['bytes', '', '""'],
    // Each place is a frame: a client that counts takes a cursor that it never sees for a loss.
    ['none', '', 'null'],
  ] as const) {
    const publication = publicationOf(kind, payload)
    equal(textOf(formats.socket[0], publication), `{"channel":"chat","cursor":42,"payload":${rendered}}`)
    for (const format of [formats.stream[0], formats.unnamed[0], formats.line[0]]) {
      const [event, ...more] = new StreamDecoder(1_000_000).push(Buffer.from(textOf(format, publication)))
      equal(more.length, 0)
      const line = rendered.replace(/[\r\n]/g, ' ')
      equal(event?.data, `{"channel":"chat","cursor":42,"payload":${line}}`)
    }
  }
})

test('a payload that is a part of a larger buffer is read as far as it goes', () => {
  const payload = new Uint8Array(Buffer.from('xx[1]xx')).subarray(2, 5)
  for (const [kind, rendered] of [
    ['json', '[1]'],
    ['text', '"[1]"'],
    ['bytes', '"WzFd"'],
  ] as const) {
    const publication = { ...json, content: { kind, payload } }
    equal(textOf(formats.socket[0], publication), `{"channel":"chat","cursor":42,"payload":${rendered}}`)
  }
})

test('an event has its name, its place and one line of data, in this order', () => {
  const data = 'data: {"channel":"chat","cursor":42,"payload":{"msg":"hi"}}\n\n'
  equal(textOf(formats.stream[0], json), `event: chat\nid: chat:9f2c01ab.42\n${data}`)
  equal(textOf(formats.unnamed[0], json), `id: chat:9f2c01ab.42\n${data}`)
  equal(textOf(formats.line[0], json), data)
  equal(
    `${eventHead('chat', 'chat:9f2c01ab.42,data:9f2c01ab.7')}${data}`,
    `event: chat\nid: chat:9f2c01ab.42,data:9f2c01ab.7\n${data}`,
  )
  for (const [event, id, text] of [
    ['system', 'chat:1', 'event: system\nid: chat:1\ndata: {}\n\n'],
    ['system', undefined, 'event: system\ndata: {}\n\n'],
    [undefined, 'chat:1', 'id: chat:1\ndata: {}\n\n'],
    [undefined, undefined, 'data: {}\n\n'],
  ] as const) {
    equal(Buffer.from(encodeEvent(event, id, '{}')).toString(), text)
  }
  equal(Buffer.from(keepAlive).toString(), ': ka\n\n')
  equal(Buffer.from(encodeRetry(1_000)).toString(), 'retry: 1000\n\n')
})

test('the sender is told where it is one', () => {
  equal(senderOf({}), undefined)
  equal(senderOf({ renderings: sentBy(clientId) }), clientId)
  for (const kept of [null, 7, clientId, [], [clientId], {}, { client_id: 7 }, { client_id: '"},{' }]) {
    equal(senderOf({ renderings: { pushwire: kept } }), undefined)
  }
  equal(senderOf({ renderings: { grip: { client_id: clientId } } }), undefined)
})
