// What comes over a stream: who hears of it, and how whole frames are cut out of bytes as reads bring them. Nothing is
// copied but a frame that two reads share.

export interface StreamListener {
  /** The answer's head was read and accepted. */
  opened(): void
  /** A payload in place: `bytes` is reused after this returns. */
  message(bytes: Uint8Array, at: number, length: number): void
  /** The server wants these bytes for an answer. */
  asked(answer: Uint8Array): void
  failed(reason: string): void
}

/** Reads what follows a head. */
export interface BodyReader {
  /** The bytes from `from` up to, not including, `end`. */
  push(bytes: Uint8Array, from: number, end: number): void
}

/** How one kind of frames is laid out, and who takes them. */
export interface FrameLayout {
  /** Of the frame that begins at `at`; 2 at least, and of what lies beyond the bytes that came any value. */
  headBytes(bytes: Uint8Array, at: number): number
  /** Asked once the whole header is there. */
  payloadBytes(bytes: Uint8Array, at: number): number
  /** A whole frame in place, its header at `at`: `bytes` is reused after this returns. */
  take(bytes: Uint8Array, at: number, payloadAt: number, length: number): void
}

export class FrameCutter {
  readonly #layout: FrameLayout
  /** The beginning of a frame whose end is still to come. */
  #begun: Buffer | undefined

  constructor(layout: FrameLayout) {
    this.#layout = layout
  }

  push(bytes: Uint8Array, from: number, to: number): void {
    let [source, at, end] = [bytes, from, to]
    if (this.#begun !== undefined) {
      source = Buffer.concat([this.#begun, bytes.subarray(from, to)])
      at = 0
      end = source.length
      this.#begun = undefined
    }
    while (at + 2 <= end) {
      const payloadAt = at + this.#layout.headBytes(source, at)
      if (payloadAt > end) break
      const length = this.#layout.payloadBytes(source, at)
      if (payloadAt + length > end) break
      this.#layout.take(source, at, payloadAt, length)
      at = payloadAt + length
    }
    if (at < end) this.#begun = Buffer.from(source.subarray(at, end))
  }
}
