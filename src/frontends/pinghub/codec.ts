// Publications to text messages and back, and what a client that opts into positions says and is told.

import type { Format } from '../../engine/reader/subscriber.ts'
import { formatPosition, type Position, parsePosition, type Since } from '../../engine/words/position.ts'
import type { Content } from '../../engine/words/publication.ts'
import { isJson } from '../../std/json-check.ts'

export interface Formats {
  /** What the original sends. What has no content is nothing to its clients. */
  readonly plain: Format
  /** For clients that opted into positions, and count: what has no content is a notice. */
  readonly counting: Format
  /** Whether the frame is such a notice. */
  isNotice(frame: Uint8Array): boolean
}

/** All messages but notices are text: what is bytes elsewhere becomes base64. */
export function createFormats(): Formats {
  const notices = new WeakSet<Uint8Array>()
  let noticed = false
  return {
    plain: { id: 'pinghub', encode: ({ content }) => messageOf(content), omitted: () => 'pass' },
    counting: {
      id: 'pinghub counting',
      encode({ content, offset }, epoch) {
        const message = messageOf(content)
        if (message !== undefined) return message
        const notice = encodeNotice({ epoch, offset }, false)
        notices.add(notice)
        noticed = true
        return notice
      },
    },
    // Asked for each frame of each client; most workers never make one.
    isNotice: frame => noticed && notices.has(frame),
  }
}

/** Undefined: it has no content. */
function messageOf({ kind, payload }: Content): Uint8Array | undefined {
  if (kind === 'none') return undefined
  return kind === 'bytes' ? Buffer.from(base64(payload)) : payload
}

function base64(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('base64')
}

/** Valid UTF-8 of a client. What looks like JSON and is some can be told from text by other protocols. */
export function contentOf(payload: Uint8Array): Content {
  const mayBeJson = payload[0] === 0x7b || payload[0] === 0x5b
  return { kind: mayBeJson && isJson(textOf(payload)) ? 'json' : 'text', payload }
}

function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()
}

/** What a client that opts into positions asks for; without `since` it begins now. */
export interface Resume {
  readonly since: Since | undefined
}

/**
 * From the query: `since=` with nothing or with `EPOCH.OFFSET`, once. Undefined: the client is an ordinary one. The
 * original ignores queries, so whatever else it says changes nothing.
 */
export function parseResume(query: string | undefined): Resume | undefined {
  if (query === undefined || !query.includes('since=')) return undefined
  const [text, ...more] = new URLSearchParams(`?${query}`).getAll('since')
  if (text === undefined || more.length > 0) return undefined
  if (text === '') return { since: undefined }
  const since = parsePosition(text)
  return since?.epoch === undefined ? undefined : { since }
}

/** A binary message, which no publication is: what a client that opted in has, and whether something is missing. */
export function encodeNotice(position: Position, gap: boolean): Uint8Array {
  return Buffer.from(JSON.stringify({ ringcast: { position: formatPosition(position), gap } }))
}
