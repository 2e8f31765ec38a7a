// Frames that are malformed, odd or against the rules: what becomes of the client, and that nobody else is harmed.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { closePayload, type FrameOptions, frame, opcode } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'
import { serveSockets } from './sockets.ts'

interface Row {
  readonly name: string
  readonly send: readonly Buffer[]
  /** What the consumer hears; the client is dropped without a close frame. Undefined: the socket stays open. */
  readonly dropped?: number
  /** Messages that were heard before. */
  readonly heard?: readonly string[]
}

const { continuation, text, binary, close, ping, pong } = opcode
const more: FrameOptions = { fin: false }
const bad = (name: string, ...send: Buffer[]): Row => ({ name, send, dropped: 1002 })
const invalid = (name: string, ...bytes: number[]): Row => ({
  name: `text of ${name}`,
  send: [frame(text, Buffer.from(bytes))],
  dropped: 1007,
})
const fine = (name: string, heard: readonly string[], ...send: Buffer[]): Row => ({ name, send, heard })

const rows: readonly Row[] = [
  ...[0x10, 0x20, 0x40, 0x70].map(reserved =>
    bad(`reserved bits ${reserved.toString(16)}`, frame(text, 'a', { reserved })),
  ),
  bad('reserved bits in a ping', frame(ping, '', { reserved: 0x40 })),
  bad(
    'reserved bits in a continuation',
    frame(text, 'a', more),
    frame(continuation, 'b', { reserved: 0x40 }),
  ),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(code => bad(`opcode ${code}`, frame(code, 'a'))),
  bad('a continuation of nothing', frame(continuation, 'a')),
  bad('an unfinished continuation of nothing', frame(continuation, 'a', more)),
  bad('text amid fragments', frame(text, 'a', more), frame(text, 'b')),
  bad('unfinished text amid fragments', frame(binary, 'a', more), frame(text, 'b', more)),
  fine('binary amid fragments: joined to them', ['binary ab'], frame(binary, 'a', more), frame(binary, 'b')),
  fine('binary amid fragments of text: likewise', ['binary ab'], frame(text, 'a', more), frame(binary, 'b')),
  {
    name: 'a continuation behind the last',
    send: [frame(text, 'a', more), frame(continuation, 'b'), frame(continuation, 'c')],
    dropped: 1002,
    heard: ['text ab'],
  },
  bad('a ping of 126 bytes', frame(ping, Buffer.alloc(126))),
  bad('a pong of 126 bytes', frame(pong, Buffer.alloc(126))),
  bad('a close of 126 bytes', frame(close, Buffer.concat([closePayload(1000), Buffer.alloc(124, 97)]))),
  bad('a ping in fragments', frame(ping, 'a', more)),
  bad('a pong in fragments', frame(pong, 'a', more)),
  bad('a close in fragments', frame(close, closePayload(1000), more)),
  bad('a ping whose length takes two bytes', frame(ping, 'a', { lengthBytes: 2 })),
  bad('HTTP', Buffer.from('GET / HTTP/1.1\r\nhost: t\r\n\r\n')),
  bad('TLS', Buffer.from('160301020001000200', 'hex')),
  bad('bytes of ones', Buffer.alloc(64, 0xff)),
  {
    name: 'a length of 2^63',
    send: [frame(binary, '', { declared: 2 ** 63, lengthBytes: 8 })],
    dropped: 1009,
  },
  {
    name: 'a length of 2^53',
    send: [frame(binary, '', { declared: 2 ** 53, lengthBytes: 8 })],
    dropped: 1009,
  },
  { name: 'a length of 16 MB', send: [frame(binary, '', { declared: 2 ** 24 })], dropped: 1009 },
  invalid('a byte that begins nothing', 0x80),
  invalid('a byte of ones', 0xff),
  invalid('an overlong slash', 0xc0, 0xaf),
  invalid('an overlong NUL', 0xe0, 0x80, 0x80),
  invalid('a surrogate', 0xed, 0xa0, 0x80),
  invalid('a character beyond the last', 0xf4, 0x90, 0x80, 0x80),
  invalid('five bytes for a character', 0xf8, 0x88, 0x80, 0x80, 0x80),
  invalid('half a character', 0xce),
  {
    name: 'text of half a character in two fragments',
    send: [frame(text, 'a', more), frame(continuation, Buffer.from([0xce]))],
    dropped: 1007,
  },
  {
    name: 'invalid text behind a sound one',
    send: [frame(text, 'a'), frame(text, Buffer.from([0xff]))],
    dropped: 1007,
    heard: ['text a'],
  },
  {
    name: 'a bad frame behind a sound one',
    send: [frame(text, 'a'), frame(3, 'b')],
    dropped: 1002,
    heard: ['text a'],
  },
  fine(
    'a length in more bytes than it needs',
    ['text a', 'text b'],
    frame(text, 'a', { lengthBytes: 2 }),
    frame(text, 'b', { lengthBytes: 8 }),
  ),
  fine('text that is NUL', ['text \0'], frame(text, '\0')),
  fine('binary that is no UTF-8', ['binary \xff'], frame(binary, Buffer.from([0xff]))),
  fine('a pong that nobody asked for', [], frame(pong, 'a')),
  fine(
    'empty fragments',
    ['text '],
    frame(text, '', more),
    frame(continuation, '', more),
    frame(continuation, ''),
  ),
  fine(
    'no mask: the next four bytes are one',
    ['text \x04\x04\x04\x0c'],
    Buffer.from([0x81, 4]),
    Buffer.from('abcdefgh'),
  ),
]

test('every row ends as it says, and harms nobody else', async t => {
  const served = await serveSockets(t)
  const [other, otherEar] = await served.join()
  for (const { name, send, dropped, heard = [] } of rows) {
    const [socket, ear] = await served.join()
    socket.client.send(Buffer.concat(send))
    if (dropped === undefined) {
      await until(`${name}: what is heard`, () => ear.messages.length === heard.length)
      await served.roundTrip()
      deepEqual([name, ear.messages, ear.closes], [name, heard, []])
      socket.client.leave()
    } else {
      equal(await socket.closed(), undefined, name)
      deepEqual([name, ear.messages, ear.closes], [name, heard, [[dropped, '']]])
    }
  }
  other.send(text, 'alive')
  await until('the other', () => otherEar.messages.length === 1)
  deepEqual([otherEar.closes, served.thrown], [[], []])
  await until('one connection', () => served.server.connections() === 1)
})

test('the table is what it is meant to be', () => {
  ok(rows.length >= 50, `${rows.length}`)
  equal(new Set(rows.map(({ name }) => name)).size, rows.length)
})
