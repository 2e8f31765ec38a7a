// What one side of a WebSocket may send, and what is heard of it. The numbers are those of Autobahn's test suite, whose cases of framing, pings,
// reserved bits, opcodes, fragments, closing and size are all here. Three differ by design, for a proxy answers nothing: text is not
// checked (6), codes of closing are passed on as they are (7.9), and where the suite waits for an echo, the frame is heard.

import type { FrameFault } from '../../../src/net/gate/frame-peer.ts'
import { words } from '../../helpers/frames/heard-frames.ts'
import { closePayload as code, type FrameOptions, frame, opcode } from '../../helpers/raw-websocket.ts'

const { continuation, text, binary, close, ping, pong } = opcode

/** A frame as data, because a client masks it and a server does not. */
export interface Sent {
  readonly code: number
  readonly payload: Buffer
  readonly options: FrameOptions
}

export interface FrameRow {
  readonly name: string
  readonly send: readonly Sent[]
  readonly heard: readonly string[]
  /** What ends it; where there is none, it stays open. */
  readonly fault?: FrameFault
}

export function bytesOf(sent: readonly Sent[], masked: boolean): Buffer[] {
  return sent.map(({ code, payload, options }) => frame(code, payload, { masked, ...options }))
}

const send = (code: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Sent => ({
  code,
  payload: Buffer.from(payload),
  options,
})
const more: FrameOptions = { fin: false }
const rsv = (reserved: number): FrameOptions => ({ reserved: reserved << 4 })
const stars = (length: number) => Buffer.alloc(length, '*')
const of = (kind: 'text' | 'binary', payload: string | Uint8Array) =>
  words.message(kind, Buffer.from(payload))

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

const odd = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff])
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

const hello = send(text, 'Hello')
const helloHeard = of('text', 'Hello')

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

const part = (payload: string, isFirst: boolean) =>
  words.message('text', Buffer.from(payload), isFirst, false)
const rest = (payload: string) => words.message('text', Buffer.from(payload), false, true)

const fragmented: readonly FrameRow[] = [
  ...([ping, pong] as const).map((number, at) => ({
    name: `5.${at + 1}: ${number === ping ? 'a ping' : 'a pong'} in two fragments`,
    send: [send(number, 'a', more), send(continuation, 'b')],
    heard: [],
    fault: 'control-fragment' as const,
  })),
  {
    name: 'a close in two fragments',
    send: [send(close, code(1000), more), send(continuation)],
    heard: [],
    fault: 'control-fragment',
  },
  {
    name: '5.3, 5.4, 5.5: text in two fragments',
    send: [send(text, 'ab', more), send(continuation, 'cd')],
    heard: [of('text', 'abcd')],
  },
  {
    name: '5.6, 5.7, 5.8: a ping amid fragments',
    send: [send(text, 'ab', more), send(ping, 'p'), send(continuation, 'cd')],
    heard: [part('ab', true), 'ping p', rest('cd')],
  },
  ...[9, 10, 11, 12, 13, 14].map(number => ({
    name: `5.${number}: a continuation of nothing${number < 12 ? '' : ', unfinished'}, and text`,
    send: [send(continuation, 'x', number < 12 ? {} : more), hello],
    heard: [],
    fault: 'fragment' as const,
  })),
  {
    name: '5.15: a continuation behind the last',
    send: [send(text, 'a', more), send(continuation, 'b'), send(continuation, 'c', more), hello],
    heard: [of('text', 'ab')],
    fault: 'fragment',
  },
  ...[more, {}].map((options, at) => ({
    name: `5.${16 + at}: again and again a continuation of nothing, and text`,
    send: [1, 2].flatMap(() => [
      send(continuation, 'x', options),
      send(text, 'a', more),
      send(continuation, 'b'),
    ]),
    heard: [],
    fault: 'fragment' as const,
  })),
  {
    name: '5.18: text amid fragments',
    send: [send(text, 'a', more), send(text, 'b')],
    heard: [part('a', true)],
    fault: 'fragment',
  },
  {
    name: 'binary amid fragments of text',
    send: [send(text, 'a', more), send(binary, 'b')],
    heard: [part('a', true)],
    fault: 'fragment',
  },
  {
    name: '5.19, 5.20: five fragments and two pings',
    send: [
      send(text, 'f1', more),
      send(continuation, 'f2', more),
      send(ping, 'p1'),
      send(continuation, 'f3', more),
      send(continuation, 'f4', more),
      send(ping, 'p2'),
      send(continuation, 'f5'),
    ],
    heard: [part('f1f2', true), 'ping p1', part('f3f4', false), 'ping p2', rest('f5')],
  },
  {
    name: 'fragments without payload',
    send: [send(binary, '', more), send(continuation, '', more), send(continuation)],
    heard: [of('binary', '')],
  },
]

const texts: readonly FrameRow[] = [
  { name: '6.1.1: text without payload', send: [send(text)], heard: ['text '] },
  {
    name: '6.1.2: three fragments without payload',
    send: [send(text, '', more), send(continuation, '', more), send(continuation)],
    heard: ['text '],
  },
  {
    name: '6.1.3: a fragment between two without payload',
    send: [send(text, '', more), send(continuation, 'mid', more), send(continuation)],
    heard: [of('text', 'mid')],
  },
  ...['cebae1bdb9cf83cebcceb5eda080656469746564', 'f4908080', 'c0af', '80', 'fffe'].map(hex => ({
    name: `6.3 and on: text that is none, ${hex}, is passed on`,
    send: [send(text, Buffer.from(hex, 'hex'))],
    heard: [of('text', Buffer.from(hex, 'hex'))],
  })),
]

const closed = 'closing 1000 '
const sound = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
const unsound = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]

const closes: readonly FrameRow[] = [
  { name: '7.1.1: text and a close', send: [hello, send(close, code(1000))], heard: [helloHeard, closed] },
  { name: '7.1.2: two closes', send: [send(close, code(1000)), send(close, code(1001))], heard: [closed] },
  { name: '7.1.3: a ping behind a close', send: [send(close, code(1000)), send(ping)], heard: [closed] },
  { name: '7.1.4: text behind a close', send: [send(close, code(1000)), hello], heard: [closed] },
  {
    name: '7.1.5: a close amid fragments, and the rest of them',
    send: [send(text, 'a', more), send(close, code(1000)), send(continuation, 'b')],
    heard: [part('a', true), closed],
  },
  {
    name: '7.1.6: 256 KiB, a close, and a ping',
    send: [send(text, stars(262_144)), hello, send(close, code(1000)), send(ping)],
    heard: [of('text', stars(262_144)), helloHeard, closed],
  },
  {
    name: 'a fault behind a close is none',
    send: [send(close, code(1000)), send(15, 'x', rsv(7))],
    heard: [closed],
  },
  { name: '7.3.1: a close without payload', send: [send(close)], heard: ['closing undefined '] },
  { name: '7.3.2: a close of one byte', send: [send(close, 'a')], heard: [], fault: 'control-size' },
  { name: '7.3.3: a close with a code', send: [send(close, code(1000))], heard: [closed] },
  {
    name: '7.3.4: a close with a reason',
    send: [send(close, code(1000, 'Hello World!'))],
    heard: ['closing 1000 Hello World!'],
  },
  {
    name: '7.3.5: a reason of 123 bytes',
    send: [send(close, code(1000, '*'.repeat(123)))],
    heard: [words.closing(1000, stars(123))],
  },
  {
    name: '7.3.6: a reason of 124 bytes',
    send: [send(close, code(1000, '*'.repeat(124)))],
    heard: [],
    fault: 'control-size',
  },
  {
    name: '7.5.1: a reason that is no text is passed on',
    send: [send(close, Buffer.concat([code(1000), odd]))],
    heard: [words.closing(1000, odd)],
  },
  ...sound.map((number, at) => ({
    name: `7.7.${at + 1}: code ${number}`,
    send: [send(close, code(number))],
    heard: [`closing ${number} `],
  })),
  ...unsound.map((number, at) => ({
    name: `7.9.${at + 1}: code ${number} is passed on`,
    send: [send(close, code(number))],
    heard: [`closing ${number} `],
  })),
  ...[5000, 65_535].map((number, at) => ({
    name: `7.13.${at + 1}: code ${number} is passed on`,
    send: [send(close, code(number))],
    heard: [`closing ${number} `],
  })),
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
  ...fragmented,
  ...texts,
  ...closes,
  ...heads,
]
