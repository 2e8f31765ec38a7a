// Frames of ours into bytes (RFC 6455 section 5). Pure. A server's frames are the same for all its clients; a client's are
// masked, each with a key of its own.
import { reasonLength } from '../close-code.ts'
import type { MessageKind } from './frame-peer.ts'
import { mask } from './mask.ts'
import { controlBytesMax, type Opcode, opcode } from './opcode.ts'

const shortBytesMax = 65_535

/**
 * A whole frame as a server sends it, made once for everybody who gets it (`FramePeer.raw`). What a ping or a pong carries is cut
 * to what it may.
 */
export function serverFrame(kind: MessageKind | 'ping' | 'pong', content: Uint8Array): Buffer {
  const isControl = kind === 'ping' || kind === 'pong'
  const payload = isControl ? content.subarray(0, controlBytesMax) : content
  const head = frameHead(opcode[kind], true, payload.length)
  return Buffer.concat([head, payload], head.length + payload.length)
}

/** What stands in front of the payload of a server's frame. */
export function frameHead(code: Opcode, isLast: boolean, bytes: number): Buffer {
  const head = Buffer.allocUnsafe(headBytes(bytes))
  writeHead(head, code, isLast, bytes, 0)
  return head
}

/** The whole frame of a client. The payload is copied; `key` is four bytes of chance. */
export function clientFrame(code: Opcode, isLast: boolean, payload: Uint8Array, key: number): Buffer {
  const keyAt = headBytes(payload.length)
  const frame = Buffer.allocUnsafe(keyAt + 4 + payload.length)
  writeHead(frame, code, isLast, payload.length, 0x80)
  frame.writeInt32BE(key | 0, keyAt)
  frame.set(payload, keyAt + 4)
  mask(frame.subarray(keyAt + 4), key)
  return frame
}

/** What a close frame carries. Which codes may be sent is the caller's to know; a reason is cut short behind a whole character. */
export function closePayload(code: number | undefined, reason: string | Uint8Array): Buffer {
  if (code === undefined) return Buffer.alloc(0)
  const bytes = typeof reason === 'string' ? Buffer.from(reason) : reason
  const length = reasonLength(bytes)
  const payload = Buffer.allocUnsafe(2 + length)
  payload[0] = code >> 8
  payload[1] = code
  payload.set(bytes.subarray(0, length), 2)
  return payload
}

function headBytes(payloadBytes: number): 2 | 4 | 10 {
  if (payloadBytes <= controlBytesMax) return 2
  return payloadBytes <= shortBytesMax ? 4 : 10
}

function writeHead(into: Buffer, code: Opcode, isLast: boolean, bytes: number, masked: 0 | 0x80): void {
  into[0] = (isLast ? 0x80 : 0) | code
  if (bytes <= controlBytesMax) into[1] = masked | bytes
  else if (bytes <= shortBytesMax) {
    into[1] = masked | 126
    into.writeUInt16BE(bytes, 2)
  } else {
    into[1] = masked | 127
    into.writeBigUInt64BE(BigInt(bytes), 2)
  }
}
