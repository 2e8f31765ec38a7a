// The body of a held HTTP response: chunks, and in them what another reader understands.
import { type BodyReader, FrameCutter, type StreamListener } from './frames.ts'

export class ChunkReader implements BodyReader {
  readonly #listener: StreamListener
  readonly #content: BodyReader
  #state: 'size' | 'data' | 'over' = 'size'
  /** Of the chunk whose size line is being read or whose data follows. */
  #size = 0
  #digits = 0

  constructor(listener: StreamListener, content: BodyReader) {
    this.#listener = listener
    this.#content = content
  }

  push(bytes: Uint8Array, from: number, end: number): void {
    let at = from
    while (at < end) {
      if (this.#state === 'data') {
        const stop = Math.min(end, at + this.#size)
        this.#size -= stop - at
        this.#content.push(bytes, at, stop)
        at = stop
        if (this.#size === 0) this.#state = 'size'
      } else if (this.#state === 'size') at = this.#readSize(bytes, at, end)
      else return
    }
  }

  /** Chunk sizes come between line ends: the one behind the last chunk's data, and the size's own. */
  #readSize(bytes: Uint8Array, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      const unit = bytes[at] ?? 0
      if (unit === 13) continue
      if (unit !== 10) {
        this.#size = this.#size * 16 + (unit > 57 ? (unit | 32) - 87 : unit - 48)
        this.#digits++
      } else if (this.#digits > 0) {
        this.#digits = 0
        if (this.#size > 0) this.#state = 'data'
        else {
          this.#state = 'over'
          this.#listener.failed('the server ended the stream')
        }
        return at + 1
      }
    }
    return end
  }
}

/** Frames of two bytes of length and a payload. */
export function frameReader(listener: StreamListener): BodyReader {
  return new FrameCutter({
    headBytes: () => 2,
    payloadBytes: (bytes, at) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0),
    take(bytes, _, payloadAt, length) {
      // An empty frame is a heartbeat.
      if (length > 0) listener.message(bytes, payloadAt, length)
    },
  })
}
