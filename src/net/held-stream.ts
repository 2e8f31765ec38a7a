// A response that stays open: its head is sent, bytes follow for as long as both ends like. One corked `write` a
// flush; after a `false` nothing is written until the library says that the socket takes more.
import type { Clock } from '../std/clock.ts'
import { guard } from './guard.ts'
import type { Response } from './uws.ts'

/** What the owner of a stream wants to hear. */
export interface StreamConsumer {
  /** The socket takes more, though little may still wait in front of it: offer a little and mind the answer. */
  drained(): void
  /** The connection is gone, whoever ended it. Called once; nothing can be written after it. */
  closed(): void
}

export class HeldStream {
  readonly #clock: Clock
  readonly #consumer: StreamConsumer
  /** Undefined once the stream ended. */
  #response: Response | undefined

  /** `start` writes the head and the first bytes (never none: the head leaves with them). */
  constructor(clock: Clock, response: Response, consumer: StreamConsumer, start: () => void) {
    this.#clock = clock
    this.#response = response
    this.#consumer = consumer
    response.onAborted(() => this.#ended())
    // Without this handler one moment of backpressure kills the stream 10 s later (README, rule 5).
    response.onWritable(() => {
      guard(
        clock,
        () => this.close(),
        () => this.#writable(),
      )
      return true
    })
    response.cork(start)
  }

  get open(): boolean {
    return this.#response !== undefined
  }

  /**
   * Hands over `bytes`, not none. False: they were taken, but the socket is behind; write nothing more until
   * `drained`. Outside a cork this would be four system calls instead of one (README, rule 4).
   */
  write(bytes: Uint8Array): boolean {
    const response = this.#response
    if (response === undefined) return true
    let taken = true
    response.cork(() => {
      taken = response.write(bytes)
    })
    return taken
  }

  /** Ends the response in an orderly way: what was written still leaves, then the last chunk. */
  end(): void {
    const response = this.#response
    if (response === undefined) return
    this.#response = undefined
    // Plain `end`: with its close flag it would write into the body (README, rule 7).
    response.cork(() => response.end())
    this.#consumer.closed()
  }

  /** Cuts the connection; what was not sent yet is dropped. */
  close(): void {
    // The library reports this as an abort, before it returns.
    this.#response?.close()
  }

  #writable(): void {
    // An empty cork sends what the library still holds of earlier writes (README, rule 5).
    this.#response?.cork(() => {})
    if (this.#response !== undefined) this.#consumer.drained()
  }

  #ended(): void {
    if (this.#response === undefined) return
    this.#response = undefined
    guard(
      this.#clock,
      () => {},
      () => this.#consumer.closed(),
    )
  }
}
