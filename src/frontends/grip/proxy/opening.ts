// A stream whose head waits for its channels: they are joined before it is seen, so that nothing is missed from then on.
// Until then its origin waits, behind what one read of its connection brings.
import type { Stream } from '../hold/stream.ts'
import type { Hold, Instruct } from '../instruct/instruct.ts'
import type { Receiver } from './answer.ts'

export class Opening implements Receiver {
  readonly #instruct: Instruct
  readonly #begin: () => Stream
  /** Of its first page, what came early. */
  readonly #early: Uint8Array[] = []
  #isWhole = false
  #stream: Stream | undefined

  /** `begin` sends the head, and may end the stream with it. */
  constructor(instruct: Instruct, begin: () => Stream) {
    this.#instruct = instruct
    this.#begin = begin
  }

  /** The channels are live. */
  open(): void {
    const stream = this.#begin()
    this.#stream = stream
    // A page may go on for long, and what has left need not be kept.
    for (const piece of this.#early.splice(0)) stream.write(piece)
    if (this.#isWhole) stream.pageEnded(this.#instruct)
  }

  piece(piece: Uint8Array): boolean {
    if (this.#stream !== undefined) return this.#stream.write(piece)
    this.#early.push(piece)
    return false
  }

  end(): void {
    this.#isWhole = true
    this.#stream?.pageEnded(this.#instruct)
  }
}

/** Of an answer that nobody wants any more. */
export const deaf: Receiver = { piece: () => true, end: () => {} }

/** A page with another one behind it is held for as long. */
export const noHold: Hold = { mode: 'stream', channels: [], timeoutMs: 0, meta: new Map() }
