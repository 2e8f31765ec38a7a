// The formats of an item (contract §6.2), with the complaints of §6.3 in the order of the original's fields.
import { reasonOf, statusCodeMax } from '../hold/reasons.ts'
import { type Complaints, type Fields, fieldsIn, Members } from './fields.ts'
import type {
  Action,
  Bare,
  Formats,
  ResponseFormat,
  SocketContent,
  SocketFormat,
  StreamFormat,
} from './item.ts'

/** A code of WebSocket closes has two bytes. */
const closeCodeMax = 65_535

/** By the names of the formats that we know; others are nothing to us. */
export function readFormats(fields: Fields, complaints: Complaints): Formats {
  const read = <Format>(name: string, reader: (members: Members, name: string) => Format) => {
    const value = fields[name]
    if (value === undefined) return undefined
    const what = `'${name}'`
    const members = fieldsIn(value)
    if (members === undefined) return complaints.add(`${what} is not an object`)
    return reader(new Members(members, what, complaints), what)
  }
  return {
    response: read('http-response', (members, what) => readResponse(members, what, complaints)),
    stream: read('http-stream', (members, what) => readStream(members, what, complaints)),
    socket: read('ws-message', (members, what) => readSocket(members, what, complaints)),
  }
}

/** The names above: where `formats` is missing they may stand in the item itself. */
export const formatNames = ['http-response', 'http-stream', 'ws-message'] as const

const actions: readonly string[] = ['send', 'hint', 'close', 'refresh']

/** An unknown action is told without a word (contract §6.3). */
function readAction(members: Members, complaints: Complaints): Action | 'send' {
  const action = members.text('action') ?? 'send'
  if (!actions.includes(action)) complaints.add('')
  return action as Action | 'send' // or it was complained of
}

function readResponse(members: Members, what: string, complaints: Complaints): ResponseFormat {
  const action = readAction(members, complaints)
  if (action !== 'send') return { action }
  const code = members.integer('code', statusCodeMax) ?? 200
  const reason = members.text('reason') ?? reasonOf(code)
  const headers = members.headers()
  const patch = members.has('body') || members.has('body-bin') ? undefined : members.list('body-patch')
  const body = patch === undefined ? members.content('body', 'body-bin') : { patch: JSON.stringify(patch) }
  if (body === undefined) complaints.missing(what, 'body', 'body-bin', 'body-patch')
  const contentFilters = members.textList('content-filters')
  return { action, code, reason, headers, body: body ?? nothing, contentFilters }
}

function readStream(members: Members, what: string, complaints: Complaints): StreamFormat {
  const action = readAction(members, complaints)
  if (action !== 'send') return { action }
  const content = members.content('content', 'content-bin')
  if (content === undefined) complaints.missing(what, 'content', 'content-bin')
  return { action, content: content ?? nothing, contentFilters: members.textList('content-filters') }
}

function readSocket(members: Members, what: string, complaints: Complaints): SocketFormat {
  const action = readAction(members, complaints)
  if (action === 'close') return readClose(members)
  if (action !== 'send') return { action } satisfies Bare
  const preset = members.has('content-bin') && !members.has('content') ? 'binary' : 'text'
  const type = members.text('type') ?? preset
  if (!types.includes(type)) complaints.add(`${what} contains 'type' with unknown value`)
  const content = members.content('content', 'content-bin')
  if (content === undefined && type !== 'ping' && type !== 'pong') {
    complaints.missing(what, 'content', 'content-bin')
  }
  return {
    action,
    type: type as SocketContent, // or it was complained of
    content: content ?? nothing,
    contentFilters: members.textList('content-filters'),
  }
}

function readClose(members: Members): SocketFormat {
  const code = members.integer('code', closeCodeMax)
  const reason = members.text('reason')
  return { action: 'close', code, reason: code === undefined ? undefined : reason }
}

const types: readonly string[] = ['text', 'binary', 'ping', 'pong'] satisfies readonly SocketContent[]

const nothing: Uint8Array = new Uint8Array(0)
