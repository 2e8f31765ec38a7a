// The rows of the table of frames that are about messages: their fragments, their text, and the close behind them.
import { words } from '../../helpers/frames/heard-frames.ts'
import { closePayload as code, opcode } from '../../helpers/raw-websocket.ts'
import { type FrameRow, hello, helloHeard, more, odd, of, rsv, send, stars } from './frame-row.ts'

const { continuation, text, binary, close, ping, pong } = opcode

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

export const messageRows: readonly FrameRow[] = [...fragmented, ...texts, ...closes]
