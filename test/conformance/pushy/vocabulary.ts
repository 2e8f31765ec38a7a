// The words that the rows of exchanges.ts are made of: what is sent, what must come back, tokens, and how rows are put
// together.
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { secrets } from '../../helpers/daemon.ts'
import type { Place, Row } from '../table.ts'

export type Headers = readonly (readonly [name: string, value: string])[]

interface RequestStep {
  readonly kind: 'request'
  readonly at: Place
  readonly method: string
  /** `TICKET` stands for the ticket that an answer brought last. */
  readonly target: string
  /** Without Host and Content-Length. `NOW+n` in a token's place stands for a token that expires then. */
  readonly headers: Headers
  readonly body: string | Uint8Array | undefined
  /** Whose owner tells the places apart. */
  readonly channel: string
  /** The name of the stream that an answer 200 begins. */
  readonly stream: string
}

export type Send =
  | RequestStep
  /** `same`: the first event only, whose id must be that of the one read before. */
  | { readonly kind: 'read' | 'leave'; readonly stream: string }

export type Expect =
  | ExpectedAnswer
  /** The head of a stream, and its first bytes with positions as `POSITION`. */
  | {
      readonly kind: 'opened'
      readonly first: string
      readonly headers: Headers
      readonly channels: readonly string[]
    }
  /** Blocks of a stream without their empty lines; see `mask` in driver.ts. Heartbeats are left out. */
  | { readonly kind: 'events'; readonly blocks: readonly string[] }
  /** So many heartbeats, and nothing else. */
  | { readonly kind: 'beats'; readonly count: number }
  /** These blocks, then the last chunk. */
  | { readonly kind: 'ended'; readonly blocks: readonly string[] }
  | { readonly kind: 'done' }

export interface ExpectedAnswer {
  readonly kind: 'answer'
  readonly status: number
  /** All but date and content-length. */
  readonly headers: Headers
  /** A pattern of the whole where it is one. */
  readonly body: string | RegExp
  /** How a channel's publications grow. */
  readonly publishes: boolean
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
    for (const [key, count] of Object.entries(expect.kind === 'answer' ? expect.counts : {})) {
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
): Send {
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
    stream,
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

export const read = (name = 'one'): Send => ({ kind: 'read', stream: name })
export const leave = (name = 'one'): Send => ({ kind: 'leave', stream: name })
export const done: Expect = { kind: 'done' }

const uncached = ['cache-control', 'max-age=0, private, must-revalidate'] as const

function answer(status: number, headers: Headers, body: string | RegExp, counts = {}): ExpectedAnswer {
  return { kind: 'answer', status, headers, body, publishes: false, counts }
}

export const accepted: ExpectedAnswer = { ...answer(200, [uncached], ''), publishes: true }
/** Taken, but the channel has it already. */
export const repeated: ExpectedAnswer = answer(200, [uncached], '')

const jsonHead: Headers = [uncached, ['content-type', json]]

export const error = (status: number, text: string, counts = {}): ExpectedAnswer =>
  answer(status, jsonHead, JSON.stringify({ error: text }), counts)
export const missing = (name: string): ExpectedAnswer => error(400, `Missing parameter: ${name}`)
export const empty = (name: string): ExpectedAnswer => error(400, `Empty parameter: ${name}`)
export const invalid = (name: string): ExpectedAnswer => error(400, `Invalid parameter: ${name}`)
export const forbidden: ExpectedAnswer = error(403, 'Forbidden', { 'refused.forbidden': 1 })
export const unauthorized: ExpectedAnswer = error(401, 'Unauthorized', { 'refused.credential-wrong': 1 })
export const ticketRefused: ExpectedAnswer = error(401, 'Unauthorized', { 'refused.ticket-wrong': 1 })
export const notFound: ExpectedAnswer = answer(
  404,
  [uncached, ['content-type', 'text/plain; charset=utf-8']],
  'Not found',
)

const challenged: Headers = [...jsonHead, ['www-authenticate', 'Bearer']]

export const bearerRefused = (message: string, counts: object = { tokensRefused: 1 }): ExpectedAnswer =>
  answer(401, challenged, JSON.stringify({ message }), counts)
export const noToken: ExpectedAnswer = bearerRefused('Please make sure you have authentication header', {})
export const signatureError: ExpectedAnswer = bearerRefused('signature_error')
export const tokenExpired: ExpectedAnswer = bearerRefused('Token expired')

/** A JSON answer that carries a secret. */
export const secret = (body: RegExp): ExpectedAnswer =>
  answer(
    200,
    [
      ['cache-control', 'no-store'],
      ['content-type', json],
    ],
    body,
  )

export const preflight = (headers: Headers): ExpectedAnswer => answer(204, headers, '')

/** `more` are headers beside those of every stream. */
export function opened(channels: readonly string[], first: string, more: Headers = []): Expect {
  return {
    kind: 'opened',
    first,
    channels,
    headers: [
      ['content-type', 'text/event-stream'],
      ['cache-control', 'no-cache, no-transform'],
      ['x-accel-buffering', 'no'],
      ['transfer-encoding', 'chunked'],
      ...more,
    ],
  }
}

/** A stream of the first generation has nothing to say yet. */
export const openedOne = (...channels: readonly string[]): Expect => opened(channels, ':\n\n')
/** One of the second says where it begins. */
export const openedTwo = (channel: string): Expect => opened([channel], 'id: POSITION\n\n')

/** `data` with `NOW` for the second in which it was published. */
export const message = (data: string, id: 'UUID' | 'POSITION' = 'UUID', name = 'message'): string =>
  `event: ${name}\ndata: ${data}\nid: ${id}\nretry: 100`

export const events = (...blocks: readonly string[]): Expect => ({ kind: 'events', blocks })
export const ended = (...blocks: readonly string[]): Expect => ({ kind: 'ended', blocks })
