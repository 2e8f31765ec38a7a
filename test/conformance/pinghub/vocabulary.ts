// The words that the rows of exchanges.ts are made of: clients that join a path, frames, requests, and what must come.
import { closePayload, type FrameOptions, frame, opcode } from '../../helpers/raw-websocket.ts'
import type { Place } from '../table.ts'

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export type Send =
  /** A client asks for a WebSocket. `channel` is what the path must mean. */
  | {
      readonly kind: 'join'
      readonly client: string
      readonly target: string
      readonly channel: string
      readonly at: Place
      /** Changes to a sound handshake. */
      readonly headers: Headers
      readonly method: string
    }
  | {
      readonly kind: 'request'
      readonly method: string
      readonly target: string
      readonly channel: string
      readonly at: Place
      /** Without Host and Content-Length. */
      readonly headers: Headers
      readonly body: string | Uint8Array | undefined
      /** The client says that more will come than it sends, and ends its half. */
      readonly cut?: true
    }
  /** Frames as bytes, and how many of them are publications. */
  | {
      readonly kind: 'frames'
      readonly client: string
      readonly bytes: Uint8Array
      readonly publishes: number
    }
  /** Sends text now and then, until the connection ends. */
  | { readonly kind: 'chat'; readonly client: string; readonly everyMs: number }
  | {
      readonly kind: 'posts'
      readonly target: string
      readonly channel: string
      readonly at: Place
      readonly count: number
      readonly bytes: number
    }
  | { readonly kind: 'read' | 'pause' | 'resume' | 'leave'; readonly client: string }

export type Expect =
  | Answer
  /** The 101, header by header. */
  | { readonly kind: 'joined' }
  /** The next frames, each in hexadecimal as the wire has it, no sooner than that since the client joined. */
  | Frames
  /** A frame of a code with so many bytes. */
  | { readonly kind: 'sized'; readonly code: number; readonly bytes: number }
  /** The whole of a series, each message once and in order. */
  | { readonly kind: 'series'; readonly count: number }
  /** A part of a series from its beginning without a hole, then this frame and the end. */
  | { readonly kind: 'cut-series'; readonly shorterThan: number; readonly last: string }
  /** A position, as clients that asked are told. */
  | { readonly kind: 'position'; readonly gap: boolean }
  /** The connection ends behind this frame; undefined: behind none. */
  | {
      readonly kind: 'ended'
      readonly last: string | undefined
      readonly fromMs: number
    }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'done' }

interface Frames {
  readonly kind: 'frames'
  readonly hex: readonly string[]
  readonly fromMs: number
  /** Pings between them are passed over. */
  readonly amidPings?: boolean
}

export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  /** All but date and length. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | RegExp
}

interface Options {
  readonly at?: Place
  readonly channel?: string
  readonly headers?: Headers
  readonly method?: string
  readonly cut?: true
}

/** The channel is the target without its slash and query, unless the row says so. */
export function join(client: string, target: string, options: Options = {}): Send {
  const { at = 'subscriber', channel = channelOf(target), headers = {}, method = 'GET' } = options
  return { kind: 'join', client, target, channel, at, headers, method }
}

export function request(
  method: string,
  target: string,
  body?: string | Uint8Array,
  options: Options = {},
): Send {
  const { at = 'publisher', channel = channelOf(target), headers = {}, cut } = options
  return { kind: 'request', method, target, channel, at, headers, body, ...(cut && { cut }) }
}

export const post = (target: string, body: string | Uint8Array, options: Options = {}) =>
  request('POST', target, body, options)

export function posts(target: string, count: number, bytes: number, at: Place = 'publisher'): Send {
  return { kind: 'posts', target, channel: channelOf(target), at, count, bytes }
}

function channelOf(target: string): string {
  return target.slice(1).replace(/\?.*/s, '')
}

export function frames(client: string, bytes: Uint8Array, publishes = 0): Send {
  return { kind: 'frames', client, bytes, publishes }
}

export const say = (client: string, text: string | Uint8Array, options?: FrameOptions) =>
  frames(client, frame(opcode.text, text, options), text.length > 0 ? 1 : 0)
export const binary = (client: string, bytes: Uint8Array, publishes = bytes.length > 0 ? 1 : 0) =>
  frames(client, frame(opcode.binary, bytes), publishes)
export const pong = (client: string) => frames(client, frame(opcode.pong))
export const ping = (client: string, text: string) => frames(client, frame(opcode.ping, text))
export const bye = (client: string, code?: number, reason?: string) =>
  frames(client, frame(opcode.close, code === undefined ? '' : closePayload(code, reason)))
export const chat = (client: string, everyMs: number): Send => ({ kind: 'chat', client, everyMs })

export const read = (client: string): Send => ({ kind: 'read', client })
export const pause = (client: string): Send => ({ kind: 'pause', client })
export const resume = (client: string): Send => ({ kind: 'resume', client })
export const leave = (client: string): Send => ({ kind: 'leave', client })

export const done: Expect = { kind: 'done' }
export const joined: Expect = { kind: 'joined' }
export const dropped: Expect = { kind: 'dropped' }

/** A timer may be early by its own grain. */
const since = (ms: number) => ({ fromMs: ms - 5 })

/** Frames as they stand on the wire. */
export const wire = (hex: readonly string[], ms = 0): Frames => ({ kind: 'frames', hex, ...since(ms) })
/** Short text messages. */
export const texts = (...all: readonly string[]): Frames =>
  wire(all.map(text => frame(opcode.text, text, { masked: false }).toString('hex')))
export const textAmidPings = (text: string): Expect => ({ ...texts(text), amidPings: true })
export const sized = (bytes: number): Expect => ({ kind: 'sized', code: opcode.text, bytes })
export const series = (count: number): Expect => ({ kind: 'series', count })
export const cutSeries = (shorterThan: number, last: string): Expect => ({
  kind: 'cut-series',
  shorterThan,
  last,
})
export const position = (gap = false): Expect => ({ kind: 'position', gap })
export const ended = (last?: string, ms = 0): Expect => ({ kind: 'ended', last, ...since(ms) })

const plain = { 'content-type': 'text/plain; charset=utf-8' }
const sniffless = { ...plain, 'x-content-type-options': 'nosniff' }

export function answer(status: number, body: string | RegExp, headers: Answer['headers'] = {}): Answer {
  return { kind: 'answer', status, headers, body }
}

export const accepted = answer(200, 'OK\n', plain)
export const error = (status: number, sentence: string) => answer(status, `Error: ${sentence}\n`, sniffless)
export const refused = (status: number, words: string, headers = {}) =>
  answer(status, `${words}\n`, { ...sniffless, ...headers })
/** To a faulty handshake. */
export const unshaken = (status: number, words: string, headers = {}) =>
  refused(status, words, { 'sec-websocket-version': '13', ...headers })
export const malformed = answer(400, '400 Bad Request', { ...plain, connection: 'close' })
export const moved = (location: string) => answer(301, '', { location })
