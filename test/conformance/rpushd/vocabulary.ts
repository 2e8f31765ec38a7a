// The words that the rows of exchanges.ts are made of: what is sent, what must come back, and tokens.
import { createHmac } from 'node:crypto'
import { secrets } from '../../helpers/daemon.ts'
import type { Headers } from '../../helpers/raw-http.ts'
import {
  type At,
  anyLength,
  type CommonExpect,
  type CommonSend,
  date,
  type ExpectedAnswer,
  notBefore,
  type RequestStep,
} from '../words.ts'

/** Until the token made last is expired. */
export interface OwnSend {
  readonly kind: 'wait-for-expiry'
}

/** Frames in hexadecimal, lengths included. */
export interface OwnExpect {
  readonly kind: 'wire'
  readonly hex: string
}

export type Send = CommonSend | OwnSend
export type Expect = CommonExpect | OwnExpect

type Options = Partial<At> & {
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
  const { at = 'anyone', channel = '', on = at, headers = [], stream = on } = options
  return { kind: 'request', method, target, headers, body, at, channel, on, subscriber: stream }
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
  return { kind: 'series', target: '/api/publish', at: 'publisher', on: 'publisher', channel, count, bytes }
}

/** A stream request with a body of the row's own making. */
export function ask(segment: string, body: string | Uint8Array, options: Options = {}): RequestStep {
  const { at = 'anyone', channel = '', on = at, type = json, headers = [], stream = on } = options
  return {
    kind: 'request',
    method: 'POST',
    target: `/api/stream/${segment}`,
    headers: type === null ? headers : [['content-type', type], ...headers],
    body,
    at,
    channel,
    on,
    subscriber: stream,
  }
}

/** Each stream has a connection of its own. */
export function subscribe(channel: string, options: Options = {}): Send {
  const { stream = 'one', token = tokenFor(channel), path = channel } = options
  const inTime = (seconds: number) => `NOW${seconds < 0 ? '' : '+'}${seconds}`
  const body = `{"token":"${typeof token === 'number' ? inTime(token) : token}"}`
  return ask(path, body, { at: 'subscriber', channel, on: stream, stream, ...options })
}

export function bytes(pieces: string | readonly string[], options: Partial<At> = {}): Send {
  const { at = 'anyone', channel = '', on = at } = options
  return { kind: 'bytes', pieces: [pieces].flat(), at, channel, on, subscriber: on }
}

/** The bytes of a request as its parts say, and its body without a length. */
export function raw(head: string, body = ''): string {
  return `${head.trim().split('\n').join('\r\n')}\r\n\r\n${body}`
}

const part =
  (
    kind: Extract<Send, { subscriber: string }>['kind'] & ('read' | 'leave' | 'finish' | 'pause' | 'resume'),
  ) =>
  (subscriber = 'one'): Send => ({ kind, subscriber })

export const read = part('read')
export const leave = part('leave')
/** FIN, while the stream is still read. */
export const finish = part('finish')
export const pause = part('pause')
export const resume = part('resume')
export const waitForExpiry: Send = { kind: 'wait-for-expiry' }

interface TextAnswer extends ExpectedAnswer {
  readonly body: string
}

export function answer(status: number, body: string, headers: Headers = []): TextAnswer {
  return { kind: 'answer', status, body, headers: [...headers, anyLength, date] }
}

/** A refusal by the original's own code. */
export const empty = (status: number): ExpectedAnswer => answer(status, '')

/** A refusal by the original's framework: `start` begins its text. */
export function text(status: number, start: string): TextAnswer {
  return { ...answer(status, start, [['content-type', 'text/plain; charset=utf-8']]), prefix: true }
}

export const exactText = (status: number, whole: string): ExpectedAnswer => ({
  ...text(status, whole),
  prefix: false,
})

/** An answer after which the daemon closes, and says so. */
export function closing(expected: ExpectedAnswer): ExpectedAnswer {
  return { ...expected, headers: [...expected.headers, ['connection', 'close']] }
}

export const accepted: ExpectedAnswer = {
  kind: 'answer',
  status: 204,
  body: '',
  headers: [date],
  publishes: true,
}
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

export const frames = (...parts: readonly string[]): Expect => ({ kind: 'parts', parts })
export const amidBeats = (...parts: readonly string[]): Expect => ({ kind: 'parts', parts, amidBeats: true })
/** Behind so many whole periods. */
export const beats = (count: number, ms: number): Expect => ({ kind: 'beats', count, ...notBefore(ms) })
export const wire = (hex: string): Expect => ({ kind: 'wire', hex: hex.replaceAll(' ', '') })
export const acceptedAll = (count: number): Expect => ({ kind: 'accepted', count })
export const dropped = (publishes: number): Expect => ({ kind: 'dropped', publishes })
export const closed: Expect = { kind: 'closed' }
/** The connection stays. */
export const ended = (ms: number): Expect => ({ kind: 'ended', parts: [], stays: true, ...notBefore(ms) })
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
