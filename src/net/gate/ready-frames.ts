// Frames that are made once for many sockets: whole, as a server sends them, without a mask (RFC 6455 section 5.2).

export type FrameKind = 'text' | 'binary' | 'ping' | 'pong'

const opcodes: Readonly<Record<FrameKind, number>> = { text: 1, binary: 2, ping: 9, pong: 10 }

/** RFC 6455 section 5.5: of a control frame. */
const controlBytesMax = 125

/** Payloads of pings and pongs are cut to what they may have. */
export function readyFrame(kind: FrameKind, payload: Uint8Array): Buffer {
  const isControl = kind === 'ping' || kind === 'pong'
  const length = isControl ? Math.min(payload.length, controlBytesMax) : payload.length
  const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafeSlow(headBytes + length)
  frame[0] = 0x80 | opcodes[kind]
  if (headBytes === 2) frame[1] = length
  else if (headBytes === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.set(payload.subarray(0, length), headBytes)
  return frame
}
