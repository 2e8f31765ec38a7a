// What an origin tells us inside its WebSocket (contract §8.5): text messages of `c:` and a JSON object. Pure. What cannot be
// read, or is not known, is nothing: the origin is not told.
import { filtersMistake, keepAliveTimeoutMs } from '../instruct/instruct.ts'
import { Complaints, fieldsIn, Members } from '../item/fields.ts'
import type { SocketContent } from '../item/item.ts'

/** Something that the client gets now and then, or later. */
export interface OwnMessage {
  readonly type: SocketContent
  readonly content: Uint8Array
}

export interface SocketKeepAlive extends OwnMessage {
  readonly timeoutMs: number
  readonly mode: 'idle' | 'interval'
}

export type ControlMessage =
  | { readonly type: 'subscribe'; readonly channel: string; readonly filters: readonly string[] }
  /** The client is closed for it; `text` says which channel, for who debugs. */
  | { readonly type: 'filters-too-many'; readonly text: string }
  | { readonly type: 'unsubscribe'; readonly channel: string }
  | { readonly type: 'detach' }
  /** Without a value it is forgotten. */
  | { readonly type: 'set-meta'; readonly name: string; readonly value: string | undefined }
  /** Without a message it ends. */
  | { readonly type: 'keep-alive'; readonly keepAlive: SocketKeepAlive | undefined }
  | { readonly type: 'send-delayed'; readonly message: OwnMessage; readonly timeoutMs: number }
  | { readonly type: 'flush-delayed' }

/** What makes a text message one of these; it never reaches the client. */
export const controlMark = 'c:'

/** Of one of these; what is longer is nothing. A delayed message stays here for as long as its origin says. */
export const controlBytesMax = 131_072

/** 68 years, as elsewhere in the contract; timers bound it further. */
const secondsMax = 2_147_483_647

/** `text`: behind the mark. */
export function parseControlMessage(text: string): ControlMessage | undefined {
  const fields = fieldsIn(parsed(text))
  const type = fields?.['type']
  const read = typeof type === 'string' ? readers.get(type) : undefined
  if (fields === undefined || read === undefined) return undefined
  const complaints = new Complaints()
  const message = read(new Members(fields, 'message', complaints))
  return complaints.first === undefined ? message : undefined
}

type Read = (members: Members) => ControlMessage | undefined

/** Not `session`, which has no effect without a state service. */
const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['subscribe', readSubscribe],
  ['unsubscribe', members => forChannel(members, channel => ({ type: 'unsubscribe', channel }))],
  ['detach', () => ({ type: 'detach' })],
  ['set-meta', readMeta],
  ['keep-alive', readKeepAlive],
  ['send-delayed', readDelayed],
  ['flush-delayed', () => ({ type: 'flush-delayed' })],
])

function readSubscribe(members: Members): ControlMessage | undefined {
  const filters = members.textList('filters') ?? []
  return forChannel(members, name => {
    const text = filtersMistake({ name, filters })
    if (text !== undefined) return { type: 'filters-too-many', text }
    return { type: 'subscribe', channel: name, filters }
  })
}

function forChannel(members: Members, make: (channel: string) => ControlMessage): ControlMessage | undefined {
  const channel = members.text('channel')
  return channel === undefined ? undefined : make(channel)
}

function readMeta(members: Members): ControlMessage | undefined {
  const name = members.text('name')
  return name === undefined ? undefined : { type: 'set-meta', name, value: members.text('value') }
}

function readKeepAlive(members: Members): ControlMessage | undefined {
  const message = readOwn(members)
  const mode = members.text('mode') ?? 'idle'
  const seconds = members.integer('timeout', secondsMax)
  if (message === undefined) return { type: 'keep-alive', keepAlive: undefined }
  if (mode !== 'idle' && mode !== 'interval') return undefined
  return { type: 'keep-alive', keepAlive: { ...message, timeoutMs: keepAliveTimeoutMs(seconds), mode } }
}

function readDelayed(members: Members): ControlMessage | undefined {
  const message = readOwn(members)
  const seconds = members.integer('timeout', secondsMax) ?? 1
  return message && { type: 'send-delayed', message, timeoutMs: seconds * 1_000 }
}

/** Undefined: there is no content. A type that is none is complained of. */
function readOwn(members: Members): OwnMessage | undefined {
  const content = members.content('content', 'content-bin')
  const preset = members.has('content') ? 'text' : 'binary'
  const type = members.choice('message-type', types) ?? preset
  return content && { type, content }
}

const types = ['text', 'binary', 'ping', 'pong'] as const satisfies readonly SocketContent[]

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Whatever it is, it is no object, and nobody waits for an answer.
    return undefined
  }
}
