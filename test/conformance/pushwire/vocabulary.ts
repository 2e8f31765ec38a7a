// The words that the rows of this protocol are made of: connections, what they say and hear, what the application does, and
// how a row is put together. In texts `<n+1>` and `<@chat>` are positions: see places.ts.
import { acceptOfKey, type Changes, handshakeHeaders } from '../../helpers/raw-websocket.ts'
import type { Place, Row } from '../table.ts'
import { type CommonExpect, type CommonSend, date, type ExpectedAnswer, notBefore } from '../words.ts'
import type { OwnExpect, OwnSend } from './own-words.ts'
import { auth, authOk, streamStart, type Told } from './texts.ts'

export type Send = CommonSend | OwnSend
export type Expect = CommonExpect | OwnExpect
export type Step = readonly [send: Send, expect: Expect]
export type Exchange = Row<Send, Expect>

/** `from`: the number of a row of contract §13, or a section. */
export function row(
  name: string,
  from: string,
  steps: readonly (Step | readonly Step[])[],
  rest: Pick<Exchange, 'counts' | 'settings' | 'workers'> = {},
): Exchange {
  const all = steps.flatMap(step => (isStep(step) ? [step] : step))
  const [send, expect] = [all.map(([one]) => one), all.map(([, one]) => one)]
  return { name, from: `pushwire, ${from}`, send, expect, ...rest }
}

function isStep(step: Step | readonly Step[]): step is Step {
  return step.length === 2 && 'kind' in step[0]
}

export interface Options {
  readonly at?: Place
  /** Whose owner tells the places apart. */
  readonly channel?: string
  readonly headers?: Changes
}

const opened = (status: number, headers: ExpectedAnswer['headers']): CommonExpect => ({
  kind: 'opened',
  channels: [],
  answer: { kind: 'answer', status, headers: [...headers, date], body: '' },
})

const joined = opened(101, [
  ['upgrade', 'websocket'],
  ['connection', 'Upgrade'],
  ['sec-websocket-accept', acceptOfKey],
])

/** A WebSocket that has said nothing yet. */
export function join(client: string, { at = 'subscriber', channel = 'chat', headers }: Options = {}): Step {
  const all = handshakeHeaders(headers)
  const where = { at, channel, on: client, subscriber: client }
  return [{ kind: 'request', method: 'GET', target: '/rps', headers: all, body: undefined, ...where }, joined]
}

/** Of an event stream; `more` are headers beside those of every stream. */
export const streamedWith = (more: ExpectedAnswer['headers']): CommonExpect =>
  opened(200, [
    ['content-type', 'text/event-stream'],
    ['cache-control', 'no-cache, no-transform'],
    ['x-accel-buffering', 'no'],
    ['transfer-encoding', 'chunked'],
    ...more,
  ])
export const streamed = streamedWith([])

export function streamOf(
  client: string,
  query: string,
  { at = 'subscriber', channel = 'chat', headers = {} }: Options = {},
): Send {
  const where = { at, channel, on: client, subscriber: client }
  const fields = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
  return {
    kind: 'request',
    method: 'GET',
    target: `/rps/sse${query}`,
    headers: fields,
    body: undefined,
    ...where,
  }
}

/** A request with a whole answer. */
export function request(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Uint8Array,
  at: Place = 'anyone',
): CommonSend {
  const where = { at, channel: 'chat', on: at, subscriber: '' } as const
  return { kind: 'request', method, target, headers: Object.entries(headers), body, ...where }
}

export function answer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): ExpectedAnswer {
  const all = [...Object.entries(headers), ['content-length', String(Buffer.byteLength(body))] as const, date]
  return { kind: 'answer', status, headers: all, body }
}

/** Of an ack. */
export const taken: ExpectedAnswer = { ...answer(204, ''), headers: [date] }

export const refused = (status: number, error: string, headers: Readonly<Record<string, string>> = {}) =>
  answer(status, JSON.stringify({ error }), { 'content-type': 'application/json', ...headers })

const done: CommonExpect = { kind: 'done' }
const readOf = (client: string): Send => ({ kind: 'read', subscriber: client })

export const say = (client: string, ...texts: readonly string[]): Step => [
  { kind: 'say', client, texts },
  done,
]
/** What is said publishes to that channel, each. */
export const sends = (client: string, channel: string, ...texts: readonly string[]): Step => [
  { kind: 'say', client, texts, publishes: channel },
  done,
]
/** What is said goes to so many streams. */
export const sendsToEach = (client: string, reaches: number, text: string): Step => [
  { kind: 'say', client, texts: [text], reaches },
  done,
]
export const bytesOf = (client: string, bytes: Uint8Array): Step => [
  { kind: 'bytes-of', client, bytes },
  done,
]
export const hears = (client: string, ...texts: readonly string[]): Step => [
  readOf(client),
  { kind: 'hears', texts },
]
/** With these the client is in; `channels`: as the engine calls what it is subscribed to. */
export const isIn = (
  client: string,
  id: string,
  channels: readonly string[],
  ...texts: readonly string[]
): Step => [readOf(client), { kind: 'hears', texts, id, channels }]
/** With these it is subscribed to more, while it stays, and their owners know of it. */
export const gains = (client: string, channels: readonly string[], ...texts: readonly string[]): Step => [
  readOf(client),
  { kind: 'hears', texts, channels, isCounted: true },
]
/** It asked to be subscribed to more, and nothing tells when it is. */
export const willGain = (client: string, channels: readonly string[]): Step => [
  readOf(client),
  { kind: 'hears', texts: [], channels },
]
/** With these it has lost these. */
export const loses = (client: string, leaves: readonly string[], ...texts: readonly string[]): Step => [
  readOf(client),
  { kind: 'hears', texts, leaves },
]
export const over = (
  client: string,
  code: number | 'cut' | 'last chunk',
  ...texts: readonly string[]
): Step => [readOf(client), { kind: 'over', code, texts }]
export const hearsAll = (client: string, ...texts: readonly string[]): Step => [
  readOf(client),
  { kind: 'hears', texts, anyOrder: true },
]
export const overNotBefore = (
  client: string,
  ms: number,
  code: number,
  ...texts: readonly string[]
): Step => [readOf(client), { kind: 'over', code, texts, ...notBefore(ms) }]
export const beats = (client: string, count: number, ms: number): Step => [
  readOf(client),
  { kind: 'beats', count, ...notBefore(ms) },
]
/** Says the text again and again, and hears how that ends. */
export const floods = (
  client: string,
  text: string,
  everyMs: number,
  expected: Omit<Extract<OwnExpect, { kind: 'flooded' }>, 'kind'>,
): readonly Step[] => [
  [{ kind: 'flood', client, text, everyMs }, done],
  [readOf(client), { kind: 'flooded', ...expected }],
]
export const lossy = (client: string, channel: string, cursor: string, count: number): Step => [
  readOf(client),
  { kind: 'lossy', channel, cursor, count },
]
export const cutOff = (
  client: string,
  expected: Omit<Extract<OwnExpect, { kind: 'cut-off' }>, 'kind'>,
): Step => [readOf(client), { kind: 'cut-off', ...expected }]
export const overtaken = (
  client: string,
  expected: Omit<Extract<OwnExpect, { kind: 'overtaken' }>, 'kind'>,
): Step => [readOf(client), { kind: 'overtaken', ...expected }]
export const leave = (client: string): Step => [{ kind: 'leave', subscriber: client }, done]
export const pause = (client: string): Step => [{ kind: 'pause', subscriber: client }, done]
export const resume = (client: string): Step => [{ kind: 'resume', subscriber: client }, done]

/** `data` is JSON text. */
export const publish = (channel: string, data: string, times = 1): Step =>
  publishAs(channel, `"data":${data}`, times)
/** `members`: what stands beside the channel. */
export const publishAs = (channel: string, members: string, times = 1): Step => [
  { kind: 'publish', channel, members, times },
  done,
]
/** With a body of that type. */
export const askWith = (
  type: string,
  path: string,
  body: Uint8Array,
  status: number,
  answered: string,
  publishes: number,
): Step => [
  { kind: 'ask', method: 'POST', path: `/v1/pushwire/${path}`, body, type, publishes },
  { kind: 'answered', status, body: answered },
]

export const ask = (
  method: string,
  path: string,
  body: string | undefined,
  status: number,
  answered: string,
  publishes = 0,
): Step => [
  { kind: 'ask', method, path: `/v1/pushwire/${path}`, body, publishes },
  { kind: 'answered', status, body: answered },
]

/** Joins and is in. `heads`: sums by channel; what it is subscribed to, each a channel of the engine. */
export function enter(
  client: string,
  id: string,
  heads: Readonly<Record<string, string>>,
  options: Options = {},
): readonly Step[] {
  const channels = Object.keys(heads)
  return [
    join(client, options),
    say(client, auth(id, channels)),
    isIn(client, id, channels, authOk({ heads })),
  ]
}

/** Joins with positions, each a sum or 0, and is in; these follow the answer. */
export function back(
  client: string,
  id: string,
  cursors: Readonly<Record<string, string>>,
  told: Told,
  ...texts: readonly string[]
): readonly Step[] {
  const channels = Object.keys(cursors)
  const places = Object.entries(cursors).map(([name, sum]) => `"${name}":<${sum}>`)
  return [
    join(client),
    say(client, auth(id, channels, `,"resume_cursors":{${places}}`)),
    isIn(client, id, channels, authOk({ cursors, ...told }), ...texts),
  ]
}

/** Asks for a stream, and is in. `channels`: what of it has a name for the engine. */
export function streams(
  client: string,
  id: string,
  query: string,
  told: Told,
  {
    channels = Object.keys(told.heads),
    ...options
  }: Options & { readonly channels?: readonly string[] } = {},
): readonly Step[] {
  return [
    [streamOf(client, `?client_id=${id}${query}`, options), streamed],
    isIn(client, id, channels, ...streamStart(told)),
  ]
}
