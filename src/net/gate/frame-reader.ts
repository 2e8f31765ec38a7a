// Bytes of a WebSocket, as they come, into frames (RFC 6455 section 5). Pure: no socket, no clock. A large frame is
// handed on in pieces as it comes; no more than a head or a control frame waits to be whole. For a proxy it is as
// tolerant as the original (contract §4.10): masks may be missing, or be where none should be, and text is not checked.
import type { FrameFault, FrameHandlers, MessageKind } from './frame-peer.ts'
import { mask, turned } from './mask.ts'
import { controlBytesMax, opcode } from './opcode.ts'

/** Who gets the frames. */
export type FrameSink = Pick<FrameHandlers, 'message' | 'ping' | 'pong' | 'closing'>

const nothing = Buffer.alloc(0)

export class FrameReader {
  /** Came; all before `#at` was handed on. */
  #rest: Buffer = nothing
  #at = 0
  /** Of the message that has begun and not ended. */
  #kind: MessageKind | undefined
  /** No piece of it was handed on. */
  #isFirst = true
  /** Payload that is still to come, of the frame that has begun. */
  #left = 0
  /** That frame ends its message. */
  #isFinal = false
  /** Of the next byte on; 0: none. */
  #key = 0
  #isClosed = false

  /** So much came and was not handed on. */
  get bytes(): number {
    return this.#rest.length - this.#at
  }

  add(bytes: Buffer): void {
    this.#rest = this.bytes === 0 ? bytes : Buffer.concat([this.#rest.subarray(this.#at), bytes])
    this.#at = 0
  }

  drop(): void {
    this.#rest = nothing
    this.#at = 0
  }

  /** Hands on one frame, or a piece of one, where it can. What is behind a close frame means nothing, and so does all behind a fault. */
  next(sink: FrameSink): 'frame' | 'more' | FrameFault {
    if (this.#isClosed) this.drop()
    if (this.bytes === 0) return 'more'
    return this.#left > 0 ? this.#handPiece(sink) : this.#begin(sink)
  }

  #begin(sink: FrameSink): 'frame' | 'more' | FrameFault {
    const bytes = this.#rest
    const at = this.#at
    if (bytes.length < at + 2) return 'more'
    const first = bytes.readUInt8(at)
    const second = bytes.readUInt8(at + 1)
    const short = second & 0x7f
    const fault = headFault(first, short, this.#kind !== undefined)
    if (fault !== undefined) return fault
    const keyAt = at + 2 + (short < 126 ? 0 : short === 126 ? 2 : 8)
    if (bytes.length < keyAt) return 'more'
    const length = short < 126 ? short : lengthAt(bytes, at + 2, short === 126)
    if (length > Number.MAX_SAFE_INTEGER) return 'length'
    const payloadAt = second < 0x80 ? keyAt : keyAt + 4
    // A head waits for payload, so that no piece is empty but a whole frame; a control frame for all of it.
    const isControl = (first & 0x08) !== 0
    const wanted = isControl ? length : Math.min(length, 1)
    if (bytes.length < payloadAt + wanted) return 'more'
    this.#at = payloadAt
    this.#left = length
    this.#key = second < 0x80 ? 0 : bytes.readInt32BE(keyAt)
    const code = first & 0x0f
    if (isControl) return this.#handControl(code, sink)
    if (code !== opcode.continuation) {
      this.#kind = code === opcode.text ? 'text' : 'binary'
      this.#isFirst = true
    }
    this.#isFinal = first >= 0x80
    return this.#handPiece(sink)
  }

  #handPiece(sink: FrameSink): 'frame' {
    const payload = this.#take()
    const kind = this.#kind ?? 'binary'
    const isFirst = this.#isFirst
    const isLast = this.#isFinal && this.#left === 0
    this.#isFirst = false
    if (isLast) this.#kind = undefined
    sink.message(kind, payload, isFirst, isLast)
    return 'frame'
  }

  #handControl(code: number, sink: FrameSink): 'frame' | FrameFault {
    const payload = this.#take()
    if (code === opcode.ping) sink.ping(payload)
    else if (code === opcode.pong) sink.pong(payload)
    // A code has two bytes (RFC 6455 section 5.5.1).
    else if (payload.length === 1) return 'control-size'
    else {
      this.#isClosed = true
      if (payload.length === 0) sink.closing(undefined, payload)
      else sink.closing(payload.readUInt16BE(0), payload.subarray(2))
    }
    return 'frame'
  }

  /** What there is of the payload that has begun, without its mask. */
  #take(): Buffer {
    const end = Math.min(this.#rest.length, this.#at + this.#left)
    const view = this.#rest.subarray(this.#at, end)
    if (this.#key !== 0) mask(view, this.#key)
    this.#key = turned(this.#key, view.length)
    this.#left -= view.length
    this.#at = end
    if (end === this.#rest.length) this.drop()
    return ownBytes(view)
  }
}

function headFault(first: number, short: number, isWithin: boolean): FrameFault | undefined {
  if (first & 0x70) return 'reserved-bits'
  const code = first & 0x0f
  if (code >= opcode.close) {
    if (code > opcode.pong) return 'opcode'
    if (first < 0x80) return 'control-fragment'
    return short > controlBytesMax ? 'control-size' : undefined
  }
  if (code > opcode.binary) return 'opcode'
  return isWithin === (code === opcode.continuation) ? undefined : 'fragment'
}

/** More than can be counted is told as infinite: the highest bit must not be set (RFC 6455 section 5.2). */
function lengthAt(bytes: Buffer, at: number, isShort: boolean): number {
  return isShort
    ? bytes.readUInt16BE(at)
    : bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}

/** A view where it is most of what it would keep alive; else whoever keeps one byte would keep 64 KiB with it. */
function ownBytes(view: Buffer): Buffer {
  if (view.length === 0) return nothing
  return view.length * 2 >= view.buffer.byteLength ? view : Buffer.from(view)
}
