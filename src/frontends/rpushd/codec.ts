// Bytes and text of rpushd's wire to values and back, without a socket: bodies, content types, stream paths and
// channel names, frames. Tokens are in token.ts; which answer a refusal gets is left to refusals.ts.
import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { formatPosition, type Position, parsePosition, type Since } from '../../engine/words/position.ts'
import { stringOf } from './json-string.ts'
import { type Malformed, readRecord, shape } from './record.ts'

/** The message is JSON in normal form. */
type PublishBody = { readonly ok: true; readonly channel: string; readonly message: string } | Malformed

/** What a client that opts into positions asks for; without `since` it begins now. */
export interface Resume {
  readonly since: Since | undefined
}

type StreamBody =
  | { readonly ok: true; readonly token: string; readonly resume: Resume | undefined }
  | Malformed

type StreamPath =
  | { readonly kind: 'absent' }
  | { readonly kind: 'not-utf8' }
  | { readonly kind: 'channel'; readonly name: string }

const publishFields = ['channel', 'message'] as const
const streamFields = ['token'] as const
const streamPrefix = '/api/stream/'

/** `application/json` or `application/….+json`, in any case and with any parameters (rpushd 1.0.3, extractors). */
export function isJsonContentType(value: string | undefined): boolean {
  return value === 'application/json' || (value !== undefined && jsonContentType.test(value))
}

const jsonContentType = /^[\t ]*application\/(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+\+)?json[\t ]*(?:;.*)?$/is

/** Body of a publish. The channel is any string; whether it is a valid name is decided later. */
export function parsePublishBody(body: Uint8Array): PublishBody {
  const read = readRecord(body, publishFields)
  if (!read.ok) return read
  const [channelText = '', message = ''] = read.values
  const channel = stringOf(channelText)
  return channel === undefined ? expectedString('channel') : { ok: true, channel, message }
}

/**
 * Body of a stream request. The token is any string; token.ts checks it. `since` is our own: absent, empty, or a
 * position after which the stream begins (README.md, Resume).
 */
export function parseStreamBody(body: Uint8Array): StreamBody {
  const read = readRecord(body, streamFields, 'since')
  if (!read.ok) return read
  const token = stringOf(read.values[0] ?? '')
  if (token === undefined) return expectedString('token')
  if (read.extra === undefined) return { ok: true, token, resume: undefined }
  const text = stringOf(read.extra)
  if (text === undefined) return expectedString('since')
  const since = text === '' ? undefined : parsePosition(text)
  if (text !== '' && since === undefined) return shape('since: expected a position, EPOCH.OFFSET or OFFSET')
  return { ok: true, token, resume: { since } }
}

/**
 * A frame that tells a client that opted in where it is: it has everything up to `position`, and each message frame
 * that follows adds one, and so does a notice of a message that was left out (format.ts). Notices begin with a blank,
 * which no message does.
 */
export function encodePositionFrame(position: Position, gap: boolean): Uint8Array {
  return encodeNoticeFrame({ position: formatPosition(position), gap })
}

/** A frame that only clients that opted in get. `notice` is short: a frame must hold it. */
export function encodeNoticeFrame(notice: object): Uint8Array {
  return encodeFrame(Buffer.from(` ${JSON.stringify({ ringcast: notice })}`))
}

function expectedString(field: string): Malformed {
  return shape(`${field}: invalid type, expected a string`)
}

/** rpushd 1.0.3 (the dot since 1.0.1): 1 to 191 characters, all of them ASCII, so characters are bytes. */
export function isChannelName(text: string): boolean {
  return /^[A-Za-z0-9:\-_.]{1,191}$/.test(text)
}

/** 1 to 255 visible ASCII characters: our own header, for publishers that try again. */
export function isIdempotencyKey(text: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(text)
}

/**
 * The channel of a raw request path without its query. Routing comes before decoding, so `%2F` is a part of the
 * name (which is then invalid) and only a bare `/` ends the segment.
 */
export function parseStreamPath(path: string): StreamPath {
  if (!path.startsWith(streamPrefix)) return { kind: 'absent' }
  const segment = path.slice(streamPrefix.length)
  if (segment === '' || segment.includes('/')) return { kind: 'absent' }
  if (!segment.includes('%')) return { kind: 'channel', name: segment }
  const name = percentDecode(segment)
  return name === undefined ? { kind: 'not-utf8' } : { kind: 'channel', name }
}

/** Invalid escapes stay as they are; undefined if the decoded bytes are not UTF-8. */
function percentDecode(segment: string): string | undefined {
  const bytes = Buffer.from(segment, 'utf8')
  let length = 0
  for (let at = 0; at < bytes.length; at++, length++) {
    const escaped = bytes[at] === 0x25 ? bytes.toString('latin1', at + 1, at + 3) : ''
    const isEscape = /^[0-9A-Fa-f]{2}$/.test(escaped)
    bytes[length] = isEscape ? Number.parseInt(escaped, 16) : (bytes[at] ?? 0)
    if (isEscape) at += 2
  }
  const decoded = bytes.subarray(0, length)
  return isUtf8(decoded) ? decoded.toString('utf8') : undefined
}

/** The largest payload that two bytes of length can announce. */
export const framePayloadBytesMax = 65_535

/** Two bytes of length, big endian, before each payload. Proxies cut the stream where they like: only lengths count. */
const headBytes = 2

export function encodeFrame(payload: Uint8Array): Uint8Array {
  assert(payload.length <= framePayloadBytesMax, `a frame holds ${framePayloadBytesMax} bytes at most`)
  const frame = Buffer.allocUnsafe(headBytes + payload.length)
  frame.writeUInt16BE(payload.length)
  frame.set(payload, headBytes)
  return frame
}

/** A frame without payload. Clients take it as a sign of life; it is never a message. */
export const heartbeatFrame: Uint8Array = encodeFrame(new Uint8Array(0))

interface FrameReader {
  /**
   * The payloads that `bytes` completes, in order; a heartbeat is an empty one. A payload that lies wholly in
   * `bytes` is a view of it, so a caller that reuses the memory copies first.
   */
  push(bytes: Uint8Array): Uint8Array[]
}

/** Reads a stream of frames from pieces of any size. Holds at most one unfinished frame. */
export function createFrameReader(): FrameReader {
  const head = new Uint8Array(headBytes)
  let headFilled = 0
  let payload: Uint8Array | undefined
  let payloadFilled = 0

  function takeHead(bytes: Uint8Array, at: number): number {
    head[headFilled] = bytes[at] ?? 0
    headFilled++
    return at + 1
  }

  function push(bytes: Uint8Array): Uint8Array[] {
    const complete: Uint8Array[] = []
    let at = 0
    while (at < bytes.length || (headFilled === headBytes && payload === undefined)) {
      if (headFilled < headBytes) {
        at = takeHead(bytes, at)
        continue
      }
      const length = ((head[0] ?? 0) << 8) | (head[1] ?? 0)
      if (payload === undefined && at + length <= bytes.length) {
        complete.push(bytes.subarray(at, at + length))
        at += length
        headFilled = 0
        continue
      }
      payload ??= new Uint8Array(length)
      const piece = bytes.subarray(at, at + length - payloadFilled)
      payload.set(piece, payloadFilled)
      payloadFilled += piece.length
      at += piece.length
      if (payloadFilled < length) break
      complete.push(payload)
      headFilled = 0
      payload = undefined
      payloadFilled = 0
    }
    return complete
  }

  return { push }
}
