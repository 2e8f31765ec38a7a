// The words that the rows of exchanges.ts are made of: what is sent, what must come back, tokens, and how rows are put
// together.
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { secrets } from '../../helpers/daemon.ts'
import type { Headers } from '../../helpers/raw-http.ts'
import type { Place, Row } from '../table.ts'
import {
  anyLength,
  type CommonExpect,
  type CommonSend,
  date,
  type ExpectedAnswer,
  type RequestStep,
} from '../words.ts'

export type Send = CommonSend
export type Expect = CommonExpect | PushyAnswer

export interface PushyAnswer extends ExpectedAnswer {
  /** What the protocol counts for it. */
  readonly counts: Readonly<Record<string, number>>
}

export type Step = readonly [send: Send, expect: Expect]

/** A row out of its steps, with what the protocol counts for them. */
export function row(
  name: string,
  from: string,
  steps: readonly Step[],
  rest: Partial<Row> = {},
): Row<Send, Expect> {
  const counts: Record<string, number> = {}
  for (const [, expect] of steps) {
    for (const [key, count] of Object.entries('counts' in expect ? expect.counts : {})) {
      counts[key] = (counts[key] ?? 0) + count
    }
  }
  const [send, expect] = [steps.map(([one]) => one), steps.map(([, one]) => one)]
  return { name, from, send, expect, counts: { ...counts, ...rest.counts }, ...omitCounts(rest) }
}

function omitCounts({ counts: _, ...rest }: Partial<Row>): Partial<Row<Send, Expect>> {
  return rest as Partial<Row<Send, Expect>> // steps are never among them
}

export interface Options {
  readonly at?: Place
  readonly channel?: string
  readonly stream?: string
  /** Null: no such header. */
  readonly token?: string | null
  readonly type?: string | null
  readonly headers?: Headers
}

export function request(
  method: string,
  target: string,
  body?: string | Uint8Array,
  options: Options = {},
): RequestStep {
  const { at = 'anyone', channel = '', stream = 'one', token = null, type = null, headers = [] } = options
  return {
    kind: 'request',
    at,
    method,
    target,
    headers: [
      ...(type === null ? [] : ([['content-type', type]] as const)),
      ...(token === null ? [] : ([['authorization', `Bearer ${token}`]] as const)),
      ...headers,
    ],
    body,
    channel,
    on: '',
    subscriber: stream,
  }
}

const json = 'application/json'

const credential: Headers = [
  ['x-client-id', 'app'],
  ['x-client-secret', secrets.client],
]

export const tokenOf = (claims: object, secret: string = secrets.jwt): string => mintJwt(secret, claims)
export const tokenFor = (...channels: readonly string[]): string => tokenOf({ channels })

/** A publish with a token; `data` is JSON text. */
export function publish(channel: string, data: string, options: Options = {}): Send {
  const path = `/publish/${encodeURIComponent(channel)}`
  return request('POST', path, `{"data":${data}}`, {
    at: 'publisher',
    channel,
    token: tokenFor(channel),
    type: json,
    ...options,
  })
}

/** A publish with a publisher's credential. */
export function publishAs(channel: string, data: string, options: Options = {}): Send {
  return publish(channel, data, { token: null, headers: credential, ...options })
}

/** The first generation's stream; `channels` is JSON text. */
export function sse(channels: string, options: Options = {}): Send {
  return request('POST', '/sse', `{"channels":${channels}}`, { at: 'subscriber', type: json, ...options })
}

/** The second generation's. */
export function stream(channel: string, options: Options & { readonly query?: string } = {}): Send {
  const path = `/channels/${encodeURIComponent(channel).replaceAll('%2A', '*')}/stream${options.query ?? ''}`
  return request('GET', path, undefined, { at: 'subscriber', channel, token: tokenFor(channel), ...options })
}

export function mint(body: string, headers: Headers = credential): Send {
  return request('POST', '/token', body, { type: json, headers })
}

export const read = (subscriber = 'one'): Send => ({ kind: 'read', subscriber })
export const leave = (subscriber = 'one'): Send => ({ kind: 'leave', subscriber })
export const done: Expect = { kind: 'done' }

const uncached = ['cache-control', 'max-age=0, private, must-revalidate'] as const

function answer(status: number, headers: Headers, body: string | RegExp, counts = {}): PushyAnswer {
  return { kind: 'answer', status, headers: [...headers, anyLength, date], body, counts }
}

export const accepted: PushyAnswer = { ...answer(200, [uncached], ''), publishes: true }
/** Taken, but the channel has it already. */
export const repeated: PushyAnswer = answer(200, [uncached], '')

const jsonHead: Headers = [uncached, ['content-type', json]]

export const error = (status: number, text: string, counts = {}): PushyAnswer =>
  answer(status, jsonHead, JSON.stringify({ error: text }), counts)
export const missing = (name: string): PushyAnswer => error(400, `Missing parameter: ${name}`)
export const empty = (name: string): PushyAnswer => error(400, `Empty parameter: ${name}`)
export const invalid = (name: string): PushyAnswer => error(400, `Invalid parameter: ${name}`)
export const forbidden: PushyAnswer = error(403, 'Forbidden', { 'refused.forbidden': 1 })
export const unauthorized: PushyAnswer = error(401, 'Unauthorized', { 'refused.credential-wrong': 1 })
export const ticketRefused: PushyAnswer = error(401, 'Unauthorized', { 'refused.ticket-wrong': 1 })
export const notFound: PushyAnswer = answer(
  404,
  [uncached, ['content-type', 'text/plain; charset=utf-8']],
  'Not found',
)

const challenged: Headers = [...jsonHead, ['www-authenticate', 'Bearer']]

export const bearerRefused = (message: string, counts: object = { tokensRefused: 1 }): PushyAnswer =>
  answer(401, challenged, JSON.stringify({ message }), counts)
export const noToken: PushyAnswer = bearerRefused('Please make sure you have authentication header', {})
export const signatureError: PushyAnswer = bearerRefused('signature_error')
export const tokenExpired: PushyAnswer = bearerRefused('Token expired')

/** A JSON answer that carries a secret. */
export const secret = (body: RegExp): PushyAnswer =>
  answer(
    200,
    [
      ['cache-control', 'no-store'],
      ['content-type', json],
    ],
    body,
  )

export const preflight = (headers: Headers): PushyAnswer => ({
  ...answer(204, [], ''),
  headers: [...headers, date],
})

/** `more` are headers beside those of every stream. */
export function opened(channels: readonly string[], first: string, more: Headers = []): Expect {
  const headers: Headers = [
    ['content-type', 'text/event-stream'],
    ['cache-control', 'no-cache, no-transform'],
    ['x-accel-buffering', 'no'],
    ['transfer-encoding', 'chunked'],
    date,
    ...more,
  ]
  return { kind: 'opened', first, channels, answer: { kind: 'answer', status: 200, headers, body: '' } }
}

/** A stream of the first generation has nothing to say yet. */
export const openedOne = (...channels: readonly string[]): Expect => opened(channels, ':\n\n')
/** One of the second says where it begins. */
export const openedTwo = (channel: string): Expect => opened([channel], 'id: POSITION\n\n')

/** `data` with `NOW` for the second in which it was published. */
export const message = (data: string, id: 'UUID' | 'POSITION' = 'UUID', name = 'message'): string =>
  `event: ${name}\ndata: ${data}\nid: ${id}\nretry: 100`

/** Blocks as `mask` in driver.ts leaves them. */
export const events = (...parts: readonly string[]): Expect => ({ kind: 'parts', parts, amidBeats: true })
/** The last chunk is behind these blocks. */
export const ended = (...parts: readonly string[]): Expect => ({ kind: 'ended', parts, stays: true })
