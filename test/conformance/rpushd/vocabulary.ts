// The words that the rows of exchanges.ts are made of: what is sent, what must come back, and tokens.
import { createHmac } from 'node:crypto'
import { secrets } from '../../helpers/daemon.ts'
import type { Place } from '../table.ts'

export type Headers = readonly (readonly [name: string, value: string])[]

interface Sent {
  readonly at: Place
  /** Whose owner tells the places apart. */
  readonly channel: string
  /** Steps with the same place and the same name share a connection. */
  readonly on: string
}

export type Send =
  | (Sent & {
      readonly kind: 'request'
      readonly method: string
      readonly target: string
      /** Without Host and Content-Length. */
      readonly headers: Headers
      /** A number is a token that expires so many seconds from now, in the body of a stream request. */
      readonly body: string | Uint8Array | number | undefined
      /** The name of the stream that an answer 200 begins. */
      readonly stream?: string
    })
  /** Latin-1 text as it stands, in TCP segments of its own where there are several. */
  | (Sent & { readonly kind: 'bytes'; readonly pieces: readonly string[] })
  /** Publishes `0`, `1`, … one after the other, each padded to a JSON string where `bytes` says so. */
  | (Sent & { readonly kind: 'series'; readonly count: number; readonly bytes?: number })
  | { readonly kind: 'read' | 'pause' | 'resume' | 'leave' | 'finish'; readonly stream: string }
  /** Until the token made last is expired. */
  | { readonly kind: 'wait-for-expiry' }

export type Expect =
  | ExpectedAnswer
  | { readonly kind: 'answers'; readonly answers: readonly ExpectedAnswer[]; readonly publishes: number }
  /** The head of a stream and its first chunk in hexadecimal. */
  | { readonly kind: 'opened'; readonly answer: ExpectedAnswer; readonly first: string }
  /** Payloads as text, in order; heartbeats are empty, or passed over. */
  | { readonly kind: 'frames'; readonly payloads: readonly string[]; readonly amidBeats?: boolean }
  /** Frames in hexadecimal, lengths included. */
  | { readonly kind: 'wire'; readonly hex: string }
  /** So many heartbeats, no sooner than that behind the request for the stream. */
  | { readonly kind: 'beats'; readonly count: number; readonly msMin: number }
  /** The whole of a series. */
  | { readonly kind: 'series'; readonly count: number }
  /** A part of the series from its beginning without a hole, then the end of the connection. */
  | { readonly kind: 'cut-series'; readonly shorterThan: number }
  | { readonly kind: 'accepted'; readonly count: number }
  /** The connection is closed without an answer, though so many publishes went through. */
  | { readonly kind: 'dropped'; readonly publishes: number }
  | { readonly kind: 'closed' }
  /** Only heartbeats, then the last chunk, no sooner than that behind the request; the connection stays. */
  | { readonly kind: 'ended'; readonly msMin: number }
  /** Soon, where something must be noticed first: the request is sent again until then. */
  | { readonly kind: 'eventually'; readonly answer: ExpectedAnswer }
  | { readonly kind: 'done' }

export interface ExpectedAnswer {
  readonly kind: 'answer'
  readonly status: number
  /** All of them; `*` is any value. */
  readonly headers: Headers
  readonly body: string
  /** The body may go on behind `body`. */
  readonly prefix?: boolean
  /** The body is that of statistics: see `maskStats`. */
  readonly masked?: boolean
  /** The daemon closes the connection behind it. */
  readonly closes?: boolean
}

type Options = Partial<Sent> & {
  readonly headers?: Headers
  /** Null: no such header. */
  readonly type?: string | null
  readonly auth?: string | null
  readonly stream?: string
  /** In the body of a stream request; a number is one that expires so many seconds from now. */
  readonly token?: string | number
  readonly path?: string
}

const json = 'application/json'
export const bearer = `Bearer ${secrets.publish}`

export function request(
  method: string,
  target: string,
  body?: string | Uint8Array,
  options: Options = {},
): Send {
  const { at = 'anyone', channel = '', on = at, headers = [] } = options
  return { kind: 'request', method, target, headers, body, at, channel, on }
}

/** A publish with a body of the row's own making. */
export function post(body: string | Uint8Array, options: Options = {}): Send {
  const { type = json, auth = bearer, headers = [] } = options
  const all: Headers = [
    ...(type === null ? [] : ([['content-type', type]] as const)),
    ...(auth === null ? [] : ([['authorization', auth]] as const)),
    ...headers,
  ]
  return request('POST', '/api/publish', body, { ...options, headers: all })
}

/** `message` is JSON text. */
export function publish(channel: string, message: string, options: Options = {}): Send {
  const body = `{"channel":${JSON.stringify(channel)},"message":${message}}`
  return post(body, { at: 'publisher', channel, ...options })
}

export function series(channel: string, count: number, bytes = 0): Send {
  return { kind: 'series', at: 'publisher', on: 'publisher', channel, count, bytes }
}

/** A stream request with a body of the row's own making. */
export function ask(
  segment: string,
  body: string | Uint8Array | number,
  options: Options = {},
): Send & { readonly kind: 'request' } {
  const { at = 'anyone', channel = '', on = at, type = json, headers = [], stream } = options
  return {
    kind: 'request',
    method: 'POST',
    target: `/api/stream/${segment}`,
    headers: type === null ? headers : [['content-type', type], ...headers],
    body,
    at,
    channel,
    on,
    ...(stream === undefined ? {} : { stream }),
  }
}

/** Each stream has a connection of its own. */
export function subscribe(channel: string, options: Options = {}): Send {
  const { stream = 'one', token = tokenFor(channel), path = channel } = options
  const body = typeof token === 'number' ? token : `{"token":"${token}"}`
  return ask(path, body, { at: 'subscriber', channel, on: stream, stream, ...options })
}

export function bytes(pieces: string | readonly string[], options: Partial<Sent> = {}): Send {
  const { at = 'anyone', channel = '', on = at } = options
  return { kind: 'bytes', pieces: [pieces].flat(), at, channel, on }
}

/** The bytes of a request as its parts say, and its body without a length. */
export function raw(head: string, body = ''): string {
  return `${head.trim().split('\n').join('\r\n')}\r\n\r\n${body}`
}

export const read = (stream = 'one'): Send => ({ kind: 'read', stream })
export const leave = (stream = 'one'): Send => ({ kind: 'leave', stream })
/** FIN, while the stream is still read. */
export const finish = (stream = 'one'): Send => ({ kind: 'finish', stream })
export const pause = (stream = 'one'): Send => ({ kind: 'pause', stream })
export const resume = (stream = 'one'): Send => ({ kind: 'resume', stream })
export const waitForExpiry: Send = { kind: 'wait-for-expiry' }

const date = ['date', '*'] as const

export function answer(status: number, body: string, headers: Headers = []): ExpectedAnswer {
  return { kind: 'answer', status, body, headers: [...headers, ['content-length', '*'], date] }
}

/** A refusal by the original's own code. */
export const empty = (status: number): ExpectedAnswer => answer(status, '')

/** A refusal by the original's framework: `start` begins its text. */
export function text(status: number, start: string): ExpectedAnswer {
  return { ...answer(status, start, [['content-type', 'text/plain; charset=utf-8']]), prefix: true }
}

export const exactText = (status: number, whole: string): ExpectedAnswer => ({
  ...text(status, whole),
  prefix: false,
})

/** An answer after which the daemon closes, and says so. */
export function closing(expected: ExpectedAnswer): ExpectedAnswer {
  return { ...expected, headers: [...expected.headers, ['connection', 'close']], closes: true }
}

export const accepted: ExpectedAnswer = { kind: 'answer', status: 204, body: '', headers: [date] }
export const interim: ExpectedAnswer = { kind: 'answer', status: 100, body: '', headers: [] }

/** An answer of the HTTP library itself, which never reached the protocol. */
export function fromLibrary(status: number): ExpectedAnswer {
  return { ...closing({ kind: 'answer', status, body: '<h1>', headers: [] }), prefix: true }
}

export function answers(publishes: number, ...all: readonly ExpectedAnswer[]): Expect {
  return { kind: 'answers', answers: all, publishes }
}

export const opened: Expect = {
  kind: 'opened',
  first: '00000000',
  answer: {
    kind: 'answer',
    status: 200,
    body: '',
    headers: [
      ['content-type', 'application/octet-stream'],
      ['cache-control', 'no-cache, no-store, must-revalidate, no-transform'],
      ['pragma', 'no-cache'],
      ['expires', '0'],
      ['x-content-type-options', 'nosniff'],
      ['transfer-encoding', 'chunked'],
      date,
    ],
  },
}

export const frames = (...payloads: readonly string[]): Expect => ({ kind: 'frames', payloads })
export const amidBeats = (...payloads: readonly string[]): Expect => ({
  kind: 'frames',
  payloads,
  amidBeats: true,
})
/** Behind so many whole periods; a timer may be early by its own grain. */
export const beats = (count: number, ms: number): Expect => ({ kind: 'beats', count, msMin: ms - 5 })
export const wire = (hex: string): Expect => ({ kind: 'wire', hex: hex.replaceAll(' ', '') })
export const acceptedAll = (count: number): Expect => ({ kind: 'accepted', count })
export const dropped = (publishes: number): Expect => ({ kind: 'dropped', publishes })
export const closed: Expect = { kind: 'closed' }
export const ended = (ms: number): Expect => ({ kind: 'ended', msMin: ms - 5 })
export const eventually = (answer: ExpectedAnswer): Expect => ({ kind: 'eventually', answer })
export const done: Expect = { kind: 'done' }

export const base64url = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url')

/** What minters send. */
export const tokenHeader: string = base64url('{"alg":"HS256","typ":"JWT"}')

/** Signs two parts as they stand. */
export function sign(headerPart: string, payloadPart: string, secret: string = secrets.subscribe): string {
  const signed = `${headerPart}.${payloadPart}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

/** A token whose payload is that text, whatever it is. */
export const tokenOf = (payload: string | Uint8Array, secret?: string): string =>
  sign(tokenHeader, base64url(payload), secret)

/** The claims of a valid token, some of them replaced by JSON text, or left out where that is null. */
export function claims(channel: string, replaced: Readonly<Record<string, string | null>> = {}): string {
  const all: Record<string, string | null> = {
    aud: '"rpushd"',
    channel: JSON.stringify(channel),
    exp: '4102444800',
    scope: '"subscribe"',
    ...replaced,
  }
  const members = Object.entries(all).filter(([, value]) => value !== null)
  return `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`
}

export function tokenFor(channel: string, replaced: Readonly<Record<string, string | null>> = {}): string {
  return tokenOf(claims(channel, replaced))
}

/** The same bytes with bits set that decode to nothing: the last character is the next one of the alphabet. */
export function withSpareBits(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + alphabet[alphabet.indexOf(part.at(-1) ?? '') + 1]
}
