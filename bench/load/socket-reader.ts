// What a server sends over a WebSocket (RFC 6455 section 5.2): whole messages without a mask, pings, and a close. All
// else, fragments too, is a failure: neither the daemon nor a control sends it.
import { type BodyReader, FrameCutter, type StreamListener } from './frames.ts'

/** First bytes of frames: final, with their opcode. */
const kinds = { text: 0x81, binary: 0x82, close: 0x88, ping: 0x89, pong: 0x8a } as const

export class SocketReader implements BodyReader {
  readonly #listener: StreamListener
  readonly #frames: FrameCutter

  constructor(listener: StreamListener) {
    this.#listener = listener
    this.#frames = new FrameCutter({
      headBytes(bytes, at) {
        const short = bytes[at + 1] ?? 0
        return short === 126 ? 4 : short === 127 ? 10 : 2
      },
      payloadBytes,
      take: (bytes, at, payloadAt, length) => this.#take(bytes, at, payloadAt, length),
    })
  }

  push(bytes: Uint8Array, from: number, end: number): void {
    this.#frames.push(bytes, from, end)
  }

  #take(bytes: Uint8Array, at: number, payloadAt: number, length: number): void {
    const kind = bytes[at] ?? 0
    if (kind === kinds.text || kind === kinds.binary) this.#listener.message(bytes, payloadAt, length)
    else if (kind === kinds.ping)
      this.#listener.asked(masked(kinds.pong, bytes.subarray(payloadAt, payloadAt + length)))
    else if (kind === kinds.close) {
      const code = length < 2 ? 'no code' : ((bytes[payloadAt] ?? 0) << 8) | (bytes[payloadAt + 1] ?? 0)
      this.#listener.failed(`the server closed it with ${code}`)
    } else this.#listener.failed(`a frame that begins with ${kind}`)
  }
}

function payloadBytes(bytes: Uint8Array, at: number): number {
  const short = bytes[at + 1] ?? 0
  // A server that masks, which it must not, gets here with a length that no message has: the judge refuses it.
  if (short !== 126 && short !== 127) return short
  const last = at + (short === 126 ? 4 : 10)
  let length = 0
  for (let place = at + 2; place < last; place++) length = length * 256 + (bytes[place] ?? 0)
  return length
}

/** What a client says. */
export function textFrame(text: string): Buffer {
  return masked(kinds.text, Buffer.from(text))
}

/** A client must mask; a mask of zeros leaves the payload as it is. */
function masked(kind: number, payload: Uint8Array): Buffer {
  const { length } = payload
  if (length > 65_535) throw new RangeError(`a message of ${length} bytes is too long`)
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([kind, ...size, 0, 0, 0, 0]), payload])
}
