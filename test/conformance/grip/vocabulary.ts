// The words that the rows of the tables are made of: what clients, publishers and the origin send, and what must come
// where. Rows write targets and channels out; each row has its own, since all rows are played at the same time.
import { createHmac } from 'node:crypto'
import type { Headers } from '../../helpers/raw-http.ts'
import type { OriginAnswer, OriginScript } from '../../helpers/raw-origin.ts'
import type { Row } from '../table.ts'
import type { CommonExpect, CommonSend, ExpectedAnswer, Opened, RequestStep } from '../words.ts'
import type { Difference } from './deviations.ts'
import type { LateAnswer, Over, Received, Text, Wanted, Window } from './expectations.ts'
import type { SocketExpect, SocketSend } from './socket-kinds.ts'

export type Send =
  | CommonSend
  | SocketSend
  /** Items for the control door, in one request that is answered with success. */
  | { readonly kind: 'publish'; readonly items: readonly object[] }
  /** A request to the control door, as it stands. */
  | { readonly kind: 'control'; readonly pieces: readonly string[] }
  /** Another request on the connection of a subscriber whose answer is over. */
  | { readonly kind: 'again'; readonly subscriber: string; readonly target: string }
  /** Looks at what the origin received for a path, whatever its query. */
  | { readonly kind: 'origin'; readonly path: string }
  /** Another text for the routes file. */
  | { readonly kind: 'routes'; readonly lines: string }
  /** Time that is a part of what the row says. */
  | { readonly kind: 'pass'; readonly ms: number }

export type Expect =
  | CommonExpect
  | SocketExpect
  | LateAnswer
  | Text
  | Over
  /** A body that is torn off: its end can be told from a whole one. */
  | { readonly kind: 'torn' }
  /** The daemon closes the connection without a word, no sooner than that since its client asked. */
  | { readonly kind: 'closedLate'; readonly fromMs: number }
  /** Nothing came, and the connection is there. */
  | { readonly kind: 'silent' }
  | Received
  /** The origin's last connection for the path is closed by the daemon. */
  | { readonly kind: 'hungUp' }
  /** The origin has more to send than what stands in front of it takes. */
  | { readonly kind: 'throttled' }
  /** So many bytes of a body that does not end yet. */
  | { readonly kind: 'size'; readonly bytes: number }

export interface GripRow extends Omit<Row<Send, Expect>, 'settings' | 'counts' | 'workers'> {
  readonly origin: readonly OriginScript[]
  /** By the names that the original's configuration has for them. */
  readonly settings?: Readonly<Record<string, string>>
  /** It touches all channels, so that nothing else is played beside it. */
  readonly isAlone?: true
  /** Longer than others may wait for, by what it says itself or by how the original does it: only in a soak. */
  readonly long?: 'everywhere' | 'there'
  /** What the original does instead, by the number of the step. */
  readonly differs?: { readonly why: Difference; readonly expect: Readonly<Record<number, Expect>> }
}

export type Step = readonly [send: Send, expect: Expect]
type More = Partial<Pick<GripRow, 'settings' | 'isAlone' | 'long' | 'differs'>> & { readonly from?: string }

/** `number` is the row of contract §13. */
export function row(
  number: string,
  name: string,
  origin: readonly OriginScript[],
  steps: readonly Step[],
  { from = '', ...more }: More = {},
): GripRow {
  const [send, expect] = [steps.map(([one]) => one), steps.map(([, one]) => one)]
  return {
    name: `${number}: ${name}`,
    from: number.startsWith('fault') ? `contract §14${from}` : `contract §13${from}`,
    origin,
    send,
    expect,
    ...more,
  }
}

/** What the original does instead of steps, by their numbers. */
export const differs = (why: Difference, expect: Readonly<Record<number, Expect>>): More => ({
  differs: { why, expect },
})

// Clients.

interface Options {
  readonly as?: string
  readonly body?: string
}

/** Rows with one subscriber call it `one`. */
export function ask(
  method: string,
  target: string,
  headers: Headers = [],
  options: Options = {},
): RequestStep {
  const { as = 'one', body } = options
  return { kind: 'request', at: 'anyone', channel: '', on: as, subscriber: as, method, target, headers, body }
}

export const get = (target: string, headers: Headers = [], as = 'one'): RequestStep =>
  ask('GET', target, headers, { as })
export const post = (target: string, body: string, headers: Headers = []): RequestStep =>
  ask('POST', target, headers, { body })
export const bytes = (...pieces: readonly string[]): Send => ({
  kind: 'bytes',
  at: 'anyone',
  channel: '',
  on: 'one',
  subscriber: 'one',
  pieces,
})
export const again = (target: string, subscriber = 'one'): Send => ({ kind: 'again', subscriber, target })
export const read = (subscriber = 'one'): Send => ({ kind: 'read', subscriber })
export const leave = (subscriber = 'one'): Send => ({ kind: 'leave', subscriber })
export const pass = (ms: number): Step => [{ kind: 'pass', ms }, { kind: 'done' }]
export const done: Expect = { kind: 'done' }

/** A token as GRIP proxies sign requests with (contract §4.3). */
export function signed(key: string, claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const text = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
}

// What clients get.

const lengthOf = (body: string): Headers => [['content-length', String(body.length)]]

/** `status` is code and reason. */
export function answer(
  status: string,
  headers: Headers,
  body: string,
  more: Partial<ExpectedAnswer> = {},
): ExpectedAnswer {
  const line = `HTTP/1.1 ${status}`
  return {
    kind: 'answer',
    status: Number.parseInt(status, 10),
    line,
    headers: [...headers, ...lengthOf(body)],
    body,
    ...more,
  }
}

const textType: Headers = [['content-type', 'text/plain']]
export const said = (status: string, body: string, more: Partial<ExpectedAnswer> = {}): ExpectedAnswer =>
  answer(status, textType, body, more)
/** Answer of the origin where a row gives it no script. */
export const ok = said('200 OK', 'ok\n')
export const failed = said('502 Bad Gateway', 'Error while proxying to origin.\n')
/** With `debug`. */
export const failedFor = (why: string): ExpectedAnswer => said('502 Bad Gateway', `${why}\n`)
export const refusedInstruct = (why: string): ExpectedAnswer =>
  failedFor(`Failed to parse accept instructions: ${why}`)

const chunked = ['transfer-encoding', 'chunked'] as const

/** The head of an answer in chunks. */
export function opened(headers: Headers = textType, status = '200 OK'): Opened {
  const head = { ...answer(status, [], ''), headers: [...headers, chunked] }
  return { kind: 'opened', channels: [], answer: head }
}

/** Whether it comes in chunks is a matter of timing. */
export const openedSomehow: Opened = {
  ...opened(),
  answer: { ...said('200 OK', ''), headers: textType, anyFraming: true },
}

/** A long-poll is under way. */
export const waits: Expect = { kind: 'waits' }
export const closed: Expect = { kind: 'closed' }
export const silent: Expect = { kind: 'silent' }
export const text = (wanted: string, after?: Window): Text => ({
  kind: 'text',
  text: wanted,
  ...(after === undefined ? {} : { after }),
})
export const over = (wanted = '', more: Partial<Over> = {}): Over => ({
  kind: 'over',
  text: wanted,
  closes: false,
  ...more,
})

// The origin.

const headOf = (headers: Headers): string => headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')

/** An answer of the origin with a length. */
export function reply(headers: Headers, body: string, status = '200 OK', type = 'text/plain'): OriginAnswer {
  const all: Headers = [['Content-Type', type], ...headers, ['Content-Length', String(body.length)]]
  return { pieces: [`HTTP/1.1 ${status}\r\n${headOf(all)}\r\n${body}`] }
}

export const plain = (body: string, status = '200 OK'): OriginAnswer => reply([], body, status)
export const streams = (channel: string, body: string, more: Headers = []): OriginAnswer =>
  reply([['Grip-Hold', 'stream'], ['Grip-Channel', channel], ...more], body)
export const polls = (channel: string, body: string, more: Headers = []): OriginAnswer =>
  reply([['Grip-Hold', 'response'], ['Grip-Channel', channel], ...more], body)
export const instructs = (instruct: unknown, status = '200 OK'): OriginAnswer =>
  reply(
    [],
    typeof instruct === 'string' ? instruct : JSON.stringify(instruct),
    status,
    'application/grip-instruct',
  )
/** Answers of the origin by path; the last one is for all further requests. */
export const at = (path: string, ...answers: readonly OriginAnswer[]): OriginScript => ({ path, answers })
export const next = (path: string, seconds?: number): Headers => [
  ['Grip-Link', `<${path}>; rel=next${seconds === undefined ? '' : `; timeout=${seconds}`}`],
]

/** What the origin received for a path. */
export const origin = (path: string, ...requests: readonly Wanted[]): Step => [
  { kind: 'origin', path },
  { kind: 'received', requests },
]
/** So many requests, whatever they say. */
export const times = (count: number): Received => ({ kind: 'received', requests: Array(count).fill({}) })

// Publishers.

export const item = (channel: string, formats: object, more: object = {}): object => ({
  channel,
  formats,
  ...more,
})
export const publish = (...items: readonly object[]): Step => [{ kind: 'publish', items }, done]
export const publishStream = (channel: string, content: string, more: object = {}): Step =>
  publish(item(channel, { 'http-stream': { content } }, more))
export const publishResponse = (channel: string, response: object, more: object = {}): Step =>
  publish(item(channel, { 'http-response': response }, more))
export const act = (channel: string, action: string, format = 'http-stream'): Step =>
  publish(item(channel, { [format]: { action } }))

/** A request to the control door. */
export function control(method: string, target: string, body = '', headers: Headers = []): Send {
  const length = method === 'POST' ? lengthOf(body) : []
  return controlBytes(
    `${method} ${target} HTTP/1.1\r\n${headOf([['Host', 't'], ...headers, ...length])}\r\n${body}`,
  )
}
export const controlBytes = (...pieces: readonly string[]): Send => ({ kind: 'control', pieces })
