// The words of rows about WebSockets: what their clients say and hear, events as they stand in bodies, and origins that speak
// WebSocket themselves. Messages are written as `test/helpers/socket-messages.ts` has it: `text:hi`, `ping:`, `close:1000 bye`.
import type { SocketScript } from '../../helpers/origin-socket.ts'
import type { Headers } from '../../helpers/raw-http.ts'
import type { OriginAnswer } from '../../helpers/raw-origin.ts'
import { acceptOfKey, type Changes, handshakeHeaders } from '../../helpers/raw-websocket.ts'
import { frameOf } from '../../helpers/socket-messages.ts'
import type { ExpectedAnswer, Opened, RequestStep } from '../words.ts'
import type { Window } from './expectations.ts'
import type { Heard, Met, Posted, SocketSend } from './socket-kinds.ts'
import {
  answer,
  at,
  differs,
  done,
  type Expect,
  type GripRow,
  get,
  item,
  pass,
  publish,
  read,
  reply,
  row,
  type Step,
} from './vocabulary.ts'

// Clients.

/** A handshake, sound where `changes` do not change it. */
export const open = (target: string, changes: Changes = {}, as = 'one'): RequestStep =>
  get(target, handshakeHeaders(changes), as)

/** Frames as they stand, or messages, all in one piece. */
export function say(...sayings: readonly (string | Uint8Array)[]): Step {
  const frames = sayings.map(saying => (typeof saying === 'string' ? frameOf(saying, true) : saying))
  return [{ kind: 'say', subscriber: 'one', bytes: Buffer.concat(frames) }, done]
}

/** The 101, beside what RFC 6455 puts into it. */
export function accepted(headers: Headers = []): Opened {
  const own: Headers = [
    ['upgrade', 'websocket'],
    ['connection', 'Upgrade'],
    ['sec-websocket-accept', acceptOfKey],
  ]
  const { body, kind, line, status } = answer('101 Switching Protocols', [], '')
  const head = { body, kind, status, ...(line && { line }), headers: [...headers, ...own] }
  return { kind: 'opened', channels: [], answer: head }
}

/** An answer in place of the 101, behind which the connection ends. */
export const rejected = (status: string, headers: Headers, body: string): ExpectedAnswer =>
  answer(status, headers, body, { closes: true })
export const failedOpening = rejected('502 Bad Gateway', [], 'Error while proxying to origin.\n')

/** What comes next; times count from the step before. */
export const heard = (messages: readonly string[], after?: Window): Heard => ({
  kind: 'heard',
  messages,
  ...(after && { after }),
})
/** Behind these messages, or none, the connection ends. */
export const parted = (messages: readonly string[] = [], after?: Window): Heard => ({
  ...heard(messages, after),
  ends: true,
})
export const joined = (path: string): Step => [open(path), accepted()]

/**
 * Ours says that it failed, and waits for the client's word; `cutThere` is for the original, which cuts the connection, and is told the
 * number of the first of these steps.
 */
export const failsOpenly: readonly Step[] = [
  [read(), heard(['close:1011'])],
  say('close:1011'),
  [read(), parted()],
]
export const cutThere = (step: number) => differs('cut without a word', { [step]: parted() })

/** Of what has no answer by which it could be waited for. */
export const settled = pass(300)

// Origins that are asked.

/** An event with content; one without is its name and `\r\n`. */
export const event = (type: string, content: string): string =>
  `${type} ${content.length.toString(16)}\r\n${content}\r\n`
export const textEvent = (content: string): string => event('TEXT', content)
export const closeEvent = (code: number, reason = ''): string =>
  event('CLOSE', String.fromCharCode(code >> 8, code & 0xff) + reason)
export const opens = 'OPEN\r\n'

/** An answer of events. */
export const events = (body: string, headers: Headers = []): OriginAnswer =>
  reply(headers, body, '200 OK', 'application/websocket-events')
/** The same, some time later. */
export const eventsAfter = (delayMs: number, body: string, headers: Headers = []): OriginAnswer => ({
  ...events(body, headers),
  delayMs,
})
/** Accepts a client. */
export const opening: OriginAnswer = events(opens)
export const nothing: OriginAnswer = events('')

const grip = ['Sec-WebSocket-Extensions', 'grip'] as const
/** Accepts a client and speaks GRIP with it: messages for the client, and orders. */
export const openingGrip = (...messages: readonly (string | object)[]): OriginAnswer =>
  events(opens + orders(...messages), [grip])

/** A row about a client whose origin says this with its acceptance, and nothing more. */
export function held(
  number: string,
  path: string,
  name: string,
  messages: readonly (string | object)[],
  steps: readonly Step[],
  more?: Parameters<typeof row>[4],
): GripRow {
  const script = at(path, openingGrip(...messages), nothing)
  return row(number, name, [script], [joined(path), settled, ...steps], more)
}

/** TEXT events: texts for the client, and control messages. */
export const orders = (...messages: readonly (string | object)[]): string =>
  messages.map(message => textEvent(textOf(message))).join('')

const textOf = (message: string | object): string =>
  typeof message === 'string' ? `m:${message}` : `c:${JSON.stringify(message)}`
export const subscribe = (channel: string, more: object = {}): object => ({
  type: 'subscribe',
  channel,
  ...more,
})

/** All bodies that came for a path, joined: which of them holds an event is often a matter of timing. */
export const posted = (path: string, body: string): Step => [
  { kind: 'origin', path },
  { kind: 'posted', body } satisfies Posted,
]
/** The origin of the rules under `/lame/` is gone, or there again, at the same address. */
export const lame = (is: 'down' | 'up'): Step => [{ kind: 'lame', is }, done]

// Origins that speak WebSocket.

export const socket = (script: SocketScript = {}): OriginAnswer => ({ pieces: [], socket: script })
/** One that speaks GRIP, and says this at once. */
export const gripSocket = (
  messages: readonly (string | object)[],
  answers: SocketScript['answers'] = {},
): OriginAnswer =>
  socket({ headers: [grip], says: messages.map(message => `text:${textOf(message)}`), answers })
/** As `gripSocket` says it. */
export const order = (message: string | object): string => `text:${textOf(message)}`
/** What an origin's WebSocket for a path heard from its beginning on. */
export const met = (path: string, messages: readonly string[], more: Partial<Met> = {}): Step => [
  { kind: 'sockets', path } satisfies SocketSend,
  { kind: 'met', messages, ...more } satisfies Expect,
]

// Publishers.

export const publishMessage = (channel: string, message: object, more: object = {}): Step =>
  publish(item(channel, { 'ws-message': message }, more))
