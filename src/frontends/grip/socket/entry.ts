// The way into a WebSocket: what the client's handshake is answered, once. Channels are joined before the 101 is seen, so that
// nothing published from then on is missed.
import type { Head } from '../proxy/answer.ts'
import type { Choice } from '../proxy/choice.ts'
import { type Failure, retryHeaders } from '../proxy/failures.ts'

export interface EntryOwner {
  /** All channels that were named so far are live. */
  readonly isLive: boolean
  /** The client is to get its 101, with these headers of the origin's. */
  enter(rawHeaders: readonly string[]): void
  /** The client is gone. */
  left(): void
}

export class Entry {
  readonly #exchange: Choice['exchange']
  readonly #owner: EntryOwner
  /** The origin accepted, and what came with that was seen: it may name channels. */
  #rawHeaders: readonly string[] | undefined
  #isOver = false

  constructor({ exchange }: Pick<Choice, 'exchange'>, owner: EntryOwner) {
    this.#exchange = exchange
    this.#owner = owner
    exchange.onAborted(() => owner.left())
  }

  /** The 101 will have these headers of the origin's. */
  accept(rawHeaders: readonly string[]): void {
    queueMicrotask(() => {
      this.#rawHeaders = rawHeaders
      this.proceed()
    })
  }

  /** Channels have become live. */
  proceed(): void {
    if (this.#isOver || this.#rawHeaders === undefined || !this.#owner.isLive) return
    this.#isOver = true
    this.#owner.enter(this.#rawHeaders)
  }

  /** By its origin. */
  refuse({ status, reason, rawHeaders }: Head, body: Uint8Array): void {
    this.#isOver = true
    this.#exchange.reply(status, reason, rawHeaders, body)
  }

  /** By us: in contrast to other answers of ours it has no type (contract §4.8). */
  fail(failure: Failure): void {
    const { status, reason, body } = failure
    this.#isOver = true
    this.#exchange.reply(status, reason, retryHeaders(failure), body)
  }
}
