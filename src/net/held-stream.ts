// A response that stays open: its head is sent, bytes follow for as long as both ends like. One corked `write` a
// flush; after a `false` nothing is written until the library says that the socket takes more. What the library is not
// given yet stays where it is, for the library would copy it for every client.
import type { Clock } from '../std/clock.ts'
import { guard } from './guard.ts'
import type { Response } from './uws.ts'

/** What the owner of a stream wants to hear. */
export interface StreamConsumer {
  /** Everything was given to the library, and the socket takes more. */
  drained(): void
  /** The socket took some of what was written; the rest follows by itself, and `drained` after it. */
  progressed?(): void
  /** The connection is gone, whoever ended it. Called once; nothing can be written after it. */
  closed(): void
}

/**
 * Most that the library is given at once. It copies what the socket does not take; and what does not fit into its cork
 * buffer of 16 KB, with the head of the chunk, it may lose (README, rule 6).
 */
const pieceBytesMax = 16_000

/** Given to a socket that was behind, to learn by the answer whether anything still waits in front of it. */
const probeBytesMax = 4_096

const nothing = new Uint8Array(0)

export class HeldStream {
  readonly #clock: Clock
  readonly #consumer: StreamConsumer
  /** Undefined once the stream ended. */
  #response: Response | undefined
  /** What the library was not given yet, perhaps nothing; undefined: the socket took all before the last write. */
  #rest: Uint8Array | undefined
  /** More of the request may come: behind an orderly end the library would go on to call for it, and nobody could close. */
  isCutAtEnd = false
  /** For its owner it is over; the rest leaves first. */
  #isEnding = false

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
    return this.#response !== undefined && !this.#isEnding
  }

  /**
   * Takes `bytes`, not none, which must not change from now on. False: the socket is behind; write nothing more until
   * `drained`. Up to 16,000 bytes are one chunk, unless the socket was behind.
   */
  write(bytes: Uint8Array): boolean {
    if (!this.open) return true
    if (!this.#hasRest) return this.#give(bytes)
    this.#rest = Buffer.concat([this.#rest ?? nothing, bytes])
    return false
  }

  /** Ends the response in an orderly way: what was written still leaves, then the last chunk. */
  end(): void {
    if (!this.open) return
    this.#isEnding = true
    if (!this.#hasRest) this.#finish()
    this.#consumer.closed()
  }

  /** Cuts the connection; what was not sent yet is dropped. */
  close(): void {
    // The library reports this as an abort, before it returns.
    this.#response?.close()
  }

  get #hasRest(): boolean {
    return this.#rest !== undefined && this.#rest.length > 0
  }

  /** Piece by piece, for as long as the socket takes them. */
  #give(bytes: Uint8Array): boolean {
    for (let from = 0; from < bytes.length; ) {
      const to = from + (this.#rest === undefined ? pieceBytesMax : probeBytesMax)
      const taken = this.#put(from === 0 && to >= bytes.length ? bytes : bytes.subarray(from, to))
      this.#rest = taken ? undefined : to < bytes.length ? bytes.subarray(to) : nothing
      if (!taken) return false
      from = to
    }
    return true
  }

  /** Outside a cork this would be four system calls instead of one (README, rule 4). */
  #put(piece: Uint8Array): boolean {
    let taken = true
    this.#response?.cork(() => {
      taken = this.#response?.write(piece) ?? true
    })
    return taken
  }

  #writable(): void {
    // An empty cork sends what the library still holds of earlier writes (README, rule 5).
    this.#response?.cork(() => {})
    const rest = this.#rest ?? nothing
    if (rest.length > 0) {
      this.#rest = nothing
      const taken = this.#give(rest)
      if (!taken && !this.#isEnding) return this.#consumer.progressed?.()
      if (this.#hasRest) return
    }
    if (this.#isEnding) this.#finish()
    else if (this.#response !== undefined) this.#consumer.drained()
  }

  /** Plain `end`: with its close flag it would write into the body (README, rule 7). */
  #finish(): void {
    if (this.isCutAtEnd) return this.close()
    const response = this.#response
    this.#response = undefined
    response?.cork(() => response.end())
  }

  #ended(): void {
    if (this.#response === undefined) return
    this.#response = undefined
    this.#rest = undefined
    if (this.#isEnding) return
    guard(
      this.#clock,
      () => {},
      () => this.#consumer.closed(),
    )
  }
}
