// The words that the rows of exchanges.ts are made of: clients that join a path, frames, requests, and what must come.
import {
  acceptOfKey,
  type Changes,
  closePayload,
  type FrameOptions,
  frame,
  handshakeHeaders,
  headersOf,
  opcode,
} from '../../helpers/raw-websocket.ts'
import type { Place } from '../table.ts'
import {
  type CommonExpect,
  type CommonSend,
  date,
  type ExpectedAnswer,
  notBefore,
  type Parts,
} from '../words.ts'

export type OwnSend =
  /** Frames as bytes, and how many of them are publications. */
  | {
      readonly kind: 'frames'
      readonly subscriber: string
      readonly bytes: Uint8Array
      readonly publishes: number
    }
  /** Sends text now and then, until the connection ends. */
  | { readonly kind: 'chat'; readonly subscriber: string; readonly everyMs: number }

export type OwnExpect =
  /** A frame of a code with so many bytes. */
  | { readonly kind: 'sized'; readonly code: number; readonly bytes: number }
  /** A position, as clients that asked are told. */
  | { readonly kind: 'position'; readonly gap: boolean }

export type Send = CommonSend | OwnSend
export type Expect = CommonExpect | OwnExpect

interface Options {
  readonly at?: Place
  readonly channel?: string
  readonly headers?: Changes
  readonly method?: string
  readonly cut?: true
}

/** A client asks for a WebSocket. The channel is the target without its slash and query, unless the row says so. */
export function join(client: string, target: string, options: Options = {}): Send {
  const { at = 'subscriber', channel = channelOf(target), headers, method = 'GET' } = options
  const all = handshakeHeaders(headers)
  return {
    kind: 'request',
    method,
    target,
    channel,
    at,
    headers: all,
    body: undefined,
    on: client,
    subscriber: client,
  }
}

export function request(
  method: string,
  target: string,
  body?: string | Uint8Array,
  options: Options = {},
): Send {
  const { at = 'publisher', channel = channelOf(target), headers = {}, cut } = options
  const where = { at, channel, on: channel, subscriber: '' }
  const more = cut && { missing: 1 }
  return { kind: 'request', method, target, headers: headersOf(headers), body, ...where, ...more }
}

export const post = (target: string, body: string | Uint8Array, options: Options = {}) =>
  request('POST', target, body, options)

export function posts(target: string, count: number, bytes: number, at: Place = 'publisher'): Send {
  const channel = channelOf(target)
  return { kind: 'series', target, channel, on: channel, at, count, bytes }
}

function channelOf(target: string): string {
  return target.slice(1).replace(/\?.*/s, '')
}

export function frames(client: string, bytes: Uint8Array, publishes = 0): Send {
  return { kind: 'frames', subscriber: client, bytes, publishes }
}

export const say = (client: string, text: string | Uint8Array, options?: FrameOptions) =>
  frames(client, frame(opcode.text, text, options), text.length > 0 ? 1 : 0)
export const binary = (client: string, bytes: Uint8Array, publishes = bytes.length > 0 ? 1 : 0) =>
  frames(client, frame(opcode.binary, bytes), publishes)
export const pong = (client: string) => frames(client, frame(opcode.pong))
export const ping = (client: string, text: string) => frames(client, frame(opcode.ping, text))
export const bye = (client: string, code?: number, reason?: string) =>
  frames(client, frame(opcode.close, code === undefined ? '' : closePayload(code, reason)))
export const chat = (client: string, everyMs: number): Send => ({ kind: 'chat', subscriber: client, everyMs })

export const joined: Expect = {
  kind: 'opened',
  answer: {
    kind: 'answer',
    status: 101,
    headers: [
      ['upgrade', 'websocket'],
      ['connection', 'Upgrade'],
      ['sec-websocket-accept', acceptOfKey],
      date,
    ],
    body: '',
  },
}
export const dropped: Expect = { kind: 'dropped', publishes: 0 }
export const acceptedAll = (count: number): Expect => ({ kind: 'accepted', count })

/** Frames as they stand on the wire. */
export const wire = (parts: readonly string[], ms = 0): Parts => ({ kind: 'parts', parts, ...notBefore(ms) })
/** Short text messages. */
export const texts = (...all: readonly string[]): Parts =>
  wire(all.map(text => frame(opcode.text, text, { masked: false }).toString('hex')))
export const textAmidPings = (text: string): Expect => ({ ...texts(text), amidBeats: true })
export const sized = (bytes: number): Expect => ({ kind: 'sized', code: opcode.text, bytes })
export const series = (count: number): Expect => ({ kind: 'series', count })
export const cutSeries = (shorterThan: number, last: string): Expect => ({
  kind: 'cut',
  shorterThan,
  parts: [last],
})
export const position = (gap = false): Expect => ({ kind: 'position', gap })
/** The connection ends behind this frame; undefined: behind none. */
export const ended = (last?: string, ms = 0): Expect => ({
  kind: 'ended',
  parts: last === undefined ? [] : [last],
  stays: false,
  ...notBefore(ms),
})

const plain = { 'content-type': 'text/plain; charset=utf-8' }
const sniffless = { ...plain, 'x-content-type-options': 'nosniff' }

export function answer(
  status: number,
  body: string | RegExp,
  headers: Readonly<Record<string, string>> = {},
): ExpectedAnswer {
  const length = typeof body === 'string' ? String(Buffer.byteLength(body)) : '*'
  const all = [...Object.entries(headers), ['content-length', length] as const, date]
  return { kind: 'answer', status, headers: all, body }
}

/** The last on its connection. */
export function closing(expected: ExpectedAnswer): ExpectedAnswer {
  return { ...expected, headers: [...expected.headers, ['connection', 'close']] }
}

export const accepted: ExpectedAnswer = { ...answer(200, 'OK\n', plain), publishes: true }
export const error = (status: number, sentence: string) => answer(status, `Error: ${sentence}\n`, sniffless)
export const refused = (status: number, words: string, headers = {}) =>
  answer(status, `${words}\n`, { ...sniffless, ...headers })
/** To a faulty handshake. */
export const unshaken = (status: number, words: string, headers = {}) =>
  refused(status, words, { 'sec-websocket-version': '13', ...headers })
export const malformed = closing(answer(400, '400 Bad Request', plain))
export const moved = (location: string) => answer(301, '', { location })
