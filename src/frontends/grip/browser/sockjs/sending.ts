// What a client sent by one request, until its origin has taken it all: then that request is answered.
import type { FrameHandlers } from '../../../../net/gate/frame-peer.ts'
import type { StoredBytes } from '../../hold/stored-bytes.ts'
import type { Asking } from './asking.ts'

/** What a text costs beside its characters. */
const textCost = 64

export class Sending {
  readonly asking: Asking
  readonly #texts: readonly string[]
  readonly #stored: Pick<StoredBytes, 'giveBack'>
  #bytes: number
  #count = 0

  private constructor(
    asking: Asking,
    texts: readonly string[],
    bytes: number,
    stored: Pick<StoredBytes, 'giveBack'>,
  ) {
    this.asking = asking
    this.#texts = texts
    this.#bytes = bytes
    this.#stored = stored
  }

  /** Undefined: there is no room. */
  static begin(
    asking: Asking,
    texts: readonly string[],
    stored: Pick<StoredBytes, 'take' | 'giveBack'>,
  ): Sending | undefined {
    const bytes = texts.reduce((sum, { length }) => sum + length + textCost, 0)
    return stored.take(bytes) ? new Sending(asking, texts, bytes, stored) : undefined
  }

  get isOver(): boolean {
    return this.#count === this.#texts.length
  }

  /** Hands on as many as `handlers` gives a taker for, one at a time. */
  feed(handlers: () => FrameHandlers | undefined): void {
    for (let taker = handlers(); taker !== undefined && !this.isOver; taker = handlers()) {
      taker.message('text', Buffer.from(this.#texts[this.#count++] ?? ''), true, true)
    }
  }

  /** Calling it twice is harmless. */
  drop(): void {
    this.#stored.giveBack(this.#bytes)
    this.#bytes = 0
  }
}
