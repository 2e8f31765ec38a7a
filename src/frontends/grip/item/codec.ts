// Items as plain data, which cross links, history and snapshots in a draft's renderings. A list in place of a record: an
// item is small, and names would be most of it.

import type { Plain } from '../../../std/plain.ts'
import { statusCodeMax } from '../hold/reasons.ts'
import type {
  Action,
  Bare,
  Item,
  ResponseFormat,
  ResponseSend,
  SocketClose,
  SocketContent,
  SocketFormat,
  SocketSend,
  StreamFormat,
  StreamSend,
} from './item.ts'

/** By their numbers. Zero is `send`. */
const actions = ['send', 'hint', 'close', 'refresh'] as const
const types = ['text', 'binary', 'ping', 'pong'] as const satisfies readonly SocketContent[]

/** Without its channel, which the publication has. */
export function encodeItem(item: Item): Plain {
  const { id, prevId, noSeq, size, meta, response, stream, socket } = item
  return [
    id,
    prevId,
    noSeq,
    size,
    [...meta].flat(),
    response && encodeResponse(response),
    stream && encodeStream(stream),
    socket && encodeSocket(socket),
  ]
}

function encodeResponse(format: ResponseFormat): Plain {
  if (format.action !== 'send') return [actions.indexOf(format.action)]
  const { code, reason, headers, body, contentFilters } = format
  return [0, code, reason, headers, body instanceof Uint8Array ? body : body.patch, contentFilters]
}

function encodeStream(format: StreamFormat): Plain {
  if (format.action !== 'send') return [actions.indexOf(format.action)]
  return [0, format.content, format.contentFilters]
}

function encodeSocket(format: SocketFormat): Plain {
  if (format.action === 'close') return [actions.indexOf('close'), format.code, format.reason]
  if (format.action !== 'send') return [actions.indexOf(format.action)]
  return [0, types.indexOf(format.type), format.content, format.contentFilters]
}

/** Undefined where it is no item: a file that somebody wrote may hold anything. Elements of a later version may follow. */
export function decodeItem(channel: string, plain: Plain): Item | undefined {
  if (!isList(plain)) return undefined
  const [id, prevId, noSeq, size, metas, ...formats] = plain
  const isItem = isTextOrNone(id) && isTextOrNone(prevId) && typeof noSeq === 'boolean' && isCountOrNone(size)
  if (!isItem || !isTexts(metas)) return undefined
  const [response, stream, socket] = formats
  const item = {
    channel,
    id,
    prevId,
    noSeq,
    size,
    meta: metaOf(metas),
    response: response === undefined ? undefined : decodeResponse(response),
    stream: stream === undefined ? undefined : decodeStream(stream),
    socket: socket === undefined ? undefined : decodeSocket(socket),
  }
  const { response: one, stream: two, socket: three } = item
  const isWhole = [response, stream, socket].every(
    (given, at) => (given === undefined) === ([one, two, three][at] === undefined),
  )
  return isWhole ? item : undefined
}

function metaOf(texts: readonly string[]): ReadonlyMap<string, string> {
  const meta = new Map<string, string>()
  for (let at = 0; at + 1 < texts.length; at += 2) meta.set(texts[at] ?? '', texts[at + 1] ?? '')
  return meta
}

function decodeResponse(plain: Plain): ResponseFormat | undefined {
  if (!isList(plain)) return undefined
  const [action, code, reason, headers, body, contentFilters] = plain
  if (action !== 0) return bareOf(action)
  if (!isCount(code) || code > statusCodeMax || typeof reason !== 'string' || !isTexts(headers))
    return undefined
  if (!isFilters(contentFilters)) return undefined
  const content = typeof body === 'string' ? { patch: body } : body
  const isBody = content instanceof Uint8Array || typeof body === 'string'
  if (!isBody) return undefined
  return { action: 'send', code, reason, headers, body: content as ResponseSend['body'], contentFilters } // looked at above
}

function decodeStream(plain: Plain): StreamFormat | undefined {
  if (!isList(plain)) return undefined
  const [action, content, contentFilters] = plain
  if (action !== 0) return bareOf(action)
  if (!(content instanceof Uint8Array) || !isFilters(contentFilters)) return undefined
  return { action: 'send', content, contentFilters } satisfies StreamSend
}

function decodeSocket(plain: Plain): SocketFormat | undefined {
  if (!isList(plain)) return undefined
  const [action, first, second, third] = plain
  if (action === actions.indexOf('close')) {
    if (!isCountOrNone(first) || !isTextOrNone(second)) return undefined
    return { action: 'close', code: first, reason: second } satisfies SocketClose
  }
  if (action !== 0) return bareOf(action) as SocketFormat | undefined // a close was looked for above
  const type = typeof first === 'number' ? types[first] : undefined
  if (type === undefined || !(second instanceof Uint8Array) || !isFilters(third)) return undefined
  return { action: 'send', type, content: second, contentFilters: third } satisfies SocketSend
}

function bareOf(number: Plain): Bare | undefined {
  const action: Action | 'send' | undefined = typeof number === 'number' ? actions[number] : undefined
  return action === undefined || action === 'send' ? undefined : { action }
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value)
}

function isTexts(value: Plain): value is readonly string[] {
  return isList(value) && value.every(text => typeof text === 'string')
}

function isFilters(value: Plain): value is readonly string[] | undefined {
  return value === undefined || isTexts(value)
}

function isTextOrNone(value: Plain): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

function isCount(value: Plain): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isCountOrNone(value: Plain): value is number | undefined {
  return value === undefined || isCount(value)
}
