// Text of a stream: events, and what stands between them. Every line ends with one line feed, every block with an
// empty line; a block without data moves a browser's last id or its waiting time and is no event to it.
import { hash } from 'node:crypto'
import { formatPosition, type Position } from '../../engine/words/position.ts'
import type { Content } from '../../engine/words/publication.ts'
import { stringText } from './json-string.ts'

/** Also the first bytes of a stream that has nothing to say: its head leaves with them. */
export const heartbeat: Uint8Array = Buffer.from(':\n\n')

export const defaultEventName = 'message'

/** The four fields in the order of the original. `data` is one line. */
export function encodeEvent(name: string, data: string, id: string, retryMs: number): Uint8Array {
  return Buffer.from(`event: ${name}\ndata: ${data}\nid: ${id}\nretry: ${retryMs}\n\n`)
}

/** Where the client is from now on, without an event. */
export function encodePlace(position: Position, retryMs?: number): Uint8Array {
  return Buffer.from(`id: ${formatPosition(position)}\n${retryField(retryMs)}\n`)
}

/** Publications are missing; it goes on after `position`, where there is one. */
export function encodeGap(position: Position | undefined, retryMs?: number): Uint8Array {
  const retry = retryField(retryMs)
  if (position === undefined) return Buffer.from(`event: gap\ndata: {}\n${retry}\n`)
  const text = formatPosition(position)
  return Buffer.from(`event: gap\ndata: {"position":"${text}"}\nid: ${text}\n${retry}\n`)
}

/** The last event of a stream that the node ends. */
export function encodeEnd(reason: string, retryMs?: number): Uint8Array {
  return Buffer.from(`event: end\ndata: {"reason":"${reason}"}\n${retryField(retryMs)}\n`)
}

function retryField(retryMs: number | undefined): string {
  return retryMs === undefined ? '' : `retry: ${retryMs}\n`
}

export function encodeRetry(retryMs: number): Uint8Array {
  return Buffer.from(`retry: ${retryMs}\n\n`)
}

/** For clients of which the first generation knows no other event than a message. */
export function encodeComment(text: string): Uint8Array {
  return Buffer.from(`: ${text}\n\n`)
}

/** What any protocol published, as the one line that an event carries: always an object. There is some content. */
export function dataOf({ kind, payload }: Content): string {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  if (kind === 'bytes') return `{"data":"${bytes.toString('base64')}"}`
  if (kind === 'text') return `{"data":${stringText(bytes.toString('utf8'))}}`
  // Outside of strings a line end is white space, and inside of them JSON has none.
  const line = bytes
    .toString('utf8')
    .replace(/[\r\n]/g, ' ')
    .trimStart()
  return line.startsWith('{') ? line : `{"data":${line}}`
}

/** An id for what came without one: in the form of a random UUID, and the same wherever and whenever it is asked for. */
export function derivedId(channel: string, { epoch, offset }: Position): string {
  return uuidOf(hash('sha256', `${epoch}.${offset} ${channel}`, 'hex'))
}

/** The form of RFC 9562 section 5.4, of 32 hexadecimal digits or more. */
export function uuidOf(hex: string): string {
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Visible ASCII without line ends; what browsers take for an event's type is up to the page. */
export function isEventName(text: string): boolean {
  return /^[\x20-\x7e]{1,100}$/.test(text)
}

/** 1 to 255 visible ASCII characters: our own header, for publishers that try again. */
export function isIdempotencyKey(text: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(text)
}
