// What other protocols get of an item, and what clients of GRIP get of what other protocols publish.
import { isUtf8 } from 'node:buffer'
import type { Content } from '../../../engine/words/publication.ts'
import { isJson } from '../../../std/json-check.ts'
import { reasonOf } from '../hold/reasons.ts'
import type { Formats, Item } from './item.ts'

/** `none`: it has a place in its channel's order and nothing for anybody else. */
export type ItemContent =
  | Content
  | {
      readonly kind: 'none'
      readonly payload: Uint8Array
    }

/** Of the formats the first that has a payload: WebSocket, stream, long poll. A ping is no payload, and a patch is none. */
export function contentOf(item: Formats): ItemContent {
  const payload = payloadOf(item)
  return payload === undefined ? { kind: 'none', payload: nothing } : { kind: kindOf(payload), payload }
}

function payloadOf({ socket, stream, response }: Formats): Uint8Array | undefined {
  if (socket?.action === 'send' && (socket.type === 'text' || socket.type === 'binary')) return socket.content
  if (stream?.action === 'send') return stream.content
  if (response?.action === 'send' && response.body instanceof Uint8Array) return response.body
  return undefined
}

function kindOf(payload: Uint8Array): Content['kind'] {
  if (!isUtf8(payload)) return 'bytes'
  const [first] = payload
  if (first !== openBrace && first !== openBracket) return 'text'
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8')
  return isJson(text) ? 'json' : 'text'
}

/** Nothing is added to it, no line end either. `kind` is the engine's, or one that has no content. */
export function itemOf(channel: string, { kind, payload }: { kind: string; payload: Uint8Array }): Item {
  const plain = { channel, noSeq: false, meta: new Map<string, string>() }
  if (kind === 'none') return plain
  return {
    ...plain,
    response: { action: 'send', code: 200, reason: reasonOf(200), headers: [], body: payload },
    stream: { action: 'send', content: payload },
    socket: { action: 'send', type: kind === 'bytes' ? 'binary' : 'text', content: payload },
  }
}

const openBrace = 0x7b
const openBracket = 0x5b
const nothing: Uint8Array = new Uint8Array(0)
