// The body of a request as its source gives it, for the library a stream.
import { Readable } from 'node:stream'

/** A source with back-pressure. What it pushed must not change any more. */
export interface OutgoingBody {
  /** Bytes it will push, exactly; undefined: nobody knows, and it is sent in chunks. */
  readonly length?: number | undefined
  /** Called once, when bytes are wanted. `push` says false: no more until `drained`. */
  start(push: (piece: Uint8Array) => boolean, end: () => void): void
  drained(): void
  /** The call is over before the body: no more is wanted. Not called where the call was aborted, whose caller knows. */
  stop(): void
}

/** Bytes that wait here; behind them the socket has a buffer of its own, and the kernel. */
const waitingBytes = 16_384

export class BodyStream {
  readonly readable: Readable
  #hasStarted = false
  #isFull = false
  #hasEnded = false
  readonly #body: OutgoingBody
  readonly #inside: (run: () => void) => void

  /** `inside` runs what is the source's own: what throws there is a bug, not an error of the stream. */
  constructor(body: OutgoingBody, inside: (run: () => void) => void) {
    this.#body = body
    this.#inside = inside
    this.readable = new Readable({
      highWaterMark: waitingBytes,
      read: () => this.#inside(() => this.#wanted()),
    })
    // The library hears it while it listens; later it would be nobody's.
    this.readable.on('error', () => {})
  }

  /** No more is wanted. */
  close(isAborted: boolean): void {
    const isEarly = !this.#hasEnded
    this.#hasEnded = true
    this.readable.destroy()
    if (isEarly && !isAborted) this.#inside(() => this.#body.stop())
  }

  #wanted(): void {
    if (!this.#hasStarted) {
      this.#hasStarted = true
      this.#body.start(
        piece => this.#push(piece),
        () => this.#end(),
      )
    } else if (this.#isFull && !this.#hasEnded) {
      this.#isFull = false
      this.#body.drained()
    }
  }

  #push(piece: Uint8Array): boolean {
    if (this.#hasEnded) return false
    if (piece.byteLength === 0) return !this.#isFull
    this.#isFull = !this.readable.push(piece)
    return !this.#isFull
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.readable.push(null)
  }
}
