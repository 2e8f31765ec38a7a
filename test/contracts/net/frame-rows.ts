// What one side of a WebSocket may send, and what is heard of it. The numbers are those of Autobahn's test suite, whose cases of framing, pings,
// reserved bits, opcodes, fragments, closing and size are all here. Three differ by design, for a proxy answers nothing: text is not
// checked (6), codes of closing are passed on as they are (7.9), and where the suite waits for an echo, the frame is heard.

import { words } from '../../helpers/frames/heard-frames.ts'
import { closePayload as code, opcode } from '../../helpers/raw-websocket.ts'
import { type FrameRow, hello, helloHeard, more, odd, of, rsv, type Sent, send, stars } from './frame-row.ts'
import { messageRows } from './frame-rows-messages.ts'

const { continuation, text, binary, close, ping, pong } = opcode

const sizes: readonly FrameRow[] = [
  ...[0, 125, 126, 127, 128, 65_535, 65_536].flatMap((length, at) =>
    (['text', 'binary'] as const).map((kind, k) => ({
      name: `1.${k + 1}.${at + 1}: ${kind} of ${length} bytes`,
      send: [send(opcode[kind], stars(length))],
      heard: [of(kind, stars(length))],
    })),
  ),
  ...[16_384, 262_144, 1_048_576, 4_194_304].flatMap((length, at) =>
    (['text', 'binary'] as const).map((kind, k) => ({
      name: `9.${k + 1}.${at + 1}: ${kind} of ${length} bytes`,
      send: [send(opcode[kind], stars(length))],
      heard: [of(kind, stars(length))],
    })),
  ),
  ...[64, 1_024, 65_536].flatMap((piece, at) =>
    (['text', 'binary'] as const).map((kind, k) => ({
      name: `9.${k + 3}.${at + 1}: ${kind} of 131072 bytes in fragments of ${piece}`,
      send: fragments(opcode[kind], stars(131_072), piece),
      heard: [of(kind, stars(131_072))],
    })),
  ),
  {
    name: '10.1.1: text of 65536 bytes in fragments of 1300',
    send: fragments(text, stars(65_536), 1_300),
    heard: [of('text', stars(65_536))],
  },
]

function fragments(first: number, payload: Buffer, bytes: number): Sent[] {
  const frames: Sent[] = []
  for (let at = 0; at < payload.length; at += bytes) {
    const options = at + bytes < payload.length ? more : {}
    frames.push(send(at === 0 ? first : continuation, payload.subarray(at, at + bytes), options))
  }
  return frames
}

const ten = Array.from({ length: 10 }, (_, at) => `payload-${at}`)

const pings: readonly FrameRow[] = [
  { name: '2.1: a ping without payload', send: [send(ping)], heard: ['ping '] },
  { name: '2.2: a ping with payload', send: [send(ping, 'hello')], heard: ['ping hello'] },
  { name: '2.3: a ping that is no text', send: [send(ping, odd)], heard: [words.ping(odd)] },
  { name: '2.4, 2.6: a ping of 125 bytes', send: [send(ping, stars(125))], heard: [words.ping(stars(125))] },
  { name: '2.5: a ping of 126 bytes', send: [send(ping, stars(126))], heard: [], fault: 'control-size' },
  { name: '2.7: a pong that nobody asked for', send: [send(pong)], heard: ['pong '] },
  { name: '2.8: the same with payload', send: [send(pong, 'hi')], heard: ['pong hi'] },
  { name: '2.9: a pong and a ping', send: [send(pong, 'a'), send(ping, 'b')], heard: ['pong a', 'ping b'] },
  {
    name: '2.10, 2.11: ten pings',
    send: ten.map(payload => send(ping, payload)),
    heard: ten.map(payload => `ping ${payload}`),
  },
  { name: 'a pong of 126 bytes', send: [send(pong, stars(126))], heard: [], fault: 'control-size' },
  {
    name: 'a ping whose length takes two bytes',
    send: [send(ping, 'a', { lengthBytes: 2 })],
    heard: [],
    fault: 'control-size',
  },
]

const reserved: readonly FrameRow[] = [
  {
    name: '3.1: reserved bit 1 in text',
    send: [send(text, 'Hello', rsv(1))],
    heard: [],
    fault: 'reserved-bits',
  },
  ...[2, 3].map(bits => ({
    name: `3.${bits}: reserved bits ${bits} behind text, and a ping`,
    send: [hello, send(text, 'Hello', rsv(bits)), send(ping)],
    heard: [helloHeard],
    fault: 'reserved-bits' as const,
  })),
  {
    name: '3.4: reserved bit 3 behind text',
    send: [hello, send(text, 'Hello', rsv(4)), send(ping)],
    heard: [helloHeard],
    fault: 'reserved-bits',
  },
  {
    name: '3.5: reserved bits 5 in binary',
    send: [send(binary, odd, rsv(5))],
    heard: [],
    fault: 'reserved-bits',
  },
  {
    name: '3.6: reserved bits 6 in a ping',
    send: [send(ping, 'a', rsv(6))],
    heard: [],
    fault: 'reserved-bits',
  },
  {
    name: '3.7: all of them in a close',
    send: [send(close, code(1000), rsv(7))],
    heard: [],
    fault: 'reserved-bits',
  },
]

const opcodes: readonly FrameRow[] = [
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((number, at) => {
    const group = number < 8 ? `4.1.${at + 1}` : `4.2.${at - 4}`
    return [
      { name: `${group}: opcode ${number}`, send: [send(number)], heard: [], fault: 'opcode' as const },
      {
        name: `${group}: opcode ${number} with payload behind text, and a ping`,
        send: [hello, send(number, 'x'), send(ping)],
        heard: [helloHeard],
        fault: 'opcode' as const,
      },
    ]
  }),
]

const heads: readonly FrameRow[] = [
  {
    name: 'a length with the highest bit set',
    send: [send(binary, 'a', { declared: 2 ** 63 })],
    heard: [],
    fault: 'length',
  },
  {
    name: 'a length that nobody can count',
    send: [send(binary, 'a', { declared: 2 ** 53 })],
    heard: [],
    fault: 'length',
  },
  {
    name: 'a length that nobody will ever send',
    send: [send(binary, 'a', { declared: 2 ** 53 - 1 })],
    heard: [words.message('binary', Buffer.from('a'), true, false)],
  },
  ...([2, 8] as const).map(lengthBytes => ({
    name: `a length of 5 in ${lengthBytes} bytes is taken, as the original does`,
    send: [send(text, 'Hello', { lengthBytes })],
    heard: [helloHeard],
  })),
  ...[true, false].map(masked => ({
    name: `frames ${masked ? 'with' : 'without'} a mask are taken from either side (contract §4.10)`,
    send: [send(text, 'Hello', { masked }), send(binary, odd, { masked }), send(ping, 'p', { masked })],
    heard: [helloHeard, of('binary', odd), 'ping p'],
  })),
  {
    name: 'HTTP',
    send: [send(8, 'TTP/1.1 200 OK', { declared: 0x54, fin: false, reserved: 0x40, masked: false })],
    heard: [],
    fault: 'reserved-bits',
  },
]

export const rows: readonly FrameRow[] = [
  ...sizes,
  ...pings,
  ...reserved,
  ...opcodes,
  ...messageRows,
  ...heads,
]
