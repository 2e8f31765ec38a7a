// The body of a WebSocket-over-HTTP request or answer: events, one behind the other (contract §8.1). Pure. An event is read
// where it stands, so that a body of many small ones is not as many objects.
import { membersOf, type RawHeaders, valuesOf } from '../proxy/raw-headers.ts'

export const eventsType = 'application/websocket-events'

/** Parameters make no difference (contract §14, fault 25). */
export function isEventsType(contentType: string | undefined): boolean {
  return contentType !== undefined && /^[ \t]*application\/websocket-events[ \t]*(?:;|$)/i.test(contentType)
}

/** One of its types is that, of however many: which of them counts to an origin nobody knows. */
export function claimsEvents(raw: RawHeaders): boolean {
  return membersOf(valuesOf(raw, 'content-type')).some(isEventsType)
}

export interface SocketEvent {
  /** As it was written: types that are not known are passed over. */
  readonly type: string
  /** A view of the body. */
  readonly content: Buffer
}

const nothing = Buffer.alloc(0)
const lineEnd = '\r\n'

/** One without content is a line alone, as the original writes it. */
export function encodeEvent(type: string, content: Uint8Array = nothing): Buffer {
  if (content.length === 0) return Buffer.from(type + lineEnd, 'latin1')
  const line = `${type} ${content.length.toString(16)}${lineEnd}`
  const event = Buffer.allocUnsafeSlow(line.length + content.length + lineEnd.length)
  event.write(line, 'latin1')
  event.set(content, line.length)
  event.write(lineEnd, line.length + content.length, 'latin1')
  return event
}

/** A code and a reason, as RFC 6455 §5.5.1 lays them out; no code: nothing. */
export function encodeClosing(code: number | undefined, reason: Uint8Array): Buffer {
  if (code === undefined) return nothing
  const content = Buffer.allocUnsafeSlow(2 + reason.length)
  content.writeUInt16BE(code)
  content.set(reason, 2)
  return content
}

/** Too short for a code: there is none. */
export function decodeClosing(content: Buffer): {
  readonly code: number | undefined
  readonly reason: Buffer
} {
  if (content.length < 2) return { code: undefined, reason: nothing }
  return { code: content.readUInt16BE(), reason: content.subarray(2) }
}

/** Reads as leniently as the original: a content that is cut short counts as far as it goes. */
export class EventReader {
  readonly body: Buffer
  /** Where the next event begins. */
  at = 0
  /** A line did not end, or its length is none: the whole body is void. */
  isBroken = false

  constructor(body: Buffer) {
    this.body = body
  }

  get isAtEnd(): boolean {
    return this.at >= this.body.length
  }

  /** Undefined: there is none, or what is there is broken. */
  next(): SocketEvent | undefined {
    const { body, at } = this
    if (this.isAtEnd || this.isBroken) return undefined
    const end = body.indexOf(lineEnd, at, 'latin1')
    if (end < 0) return this.#break()
    const line = body.toString('latin1', at, end)
    const start = end + lineEnd.length
    const blank = line.indexOf(' ')
    if (blank < 0) {
      this.at = start
      return { type: line, content: nothing }
    }
    const length = parseLength(line.slice(blank + 1))
    if (length === undefined) return this.#break()
    // What stands behind a content is skipped unseen.
    this.at = start + length + lineEnd.length
    return { type: line.slice(0, blank), content: body.subarray(start, start + length) }
  }

  #break(): undefined {
    this.isBroken = true
    return undefined
  }
}

/** Hexadecimal, in either case, below 2 GiB. */
function parseLength(text: string): number | undefined {
  if (!/^0*[\da-f]{1,8}$/i.test(text)) return undefined
  const length = Number.parseInt(text, 16)
  return length <= 0x7fff_ffff ? length : undefined
}

/** What must be known of a body before any of it is followed. */
export interface Survey {
  readonly first: string | undefined
  /** Behind the first event. */
  readonly hasLaterOpen: boolean
  readonly hasDisconnect: boolean
}

/** Undefined: it is void. */
export function survey(body: Buffer): Survey | undefined {
  const reader = new EventReader(body)
  const first = reader.next()?.type
  let hasLaterOpen = false
  let hasDisconnect = first === 'DISCONNECT'
  for (let event = reader.next(); event !== undefined; event = reader.next()) {
    hasLaterOpen ||= event.type === 'OPEN'
    hasDisconnect ||= event.type === 'DISCONNECT'
  }
  return reader.isBroken ? undefined : { first, hasLaterOpen, hasDisconnect }
}
