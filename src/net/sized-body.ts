// An answer whose length is known before its bytes are at hand: they come piece by piece, and the socket takes of each what it
// can. The library keeps nothing of the rest, so a client that reads slowly holds one piece, which its owner may use again.
import type { Clock } from '../std/clock.ts'
import { guard } from './guard.ts'
import type { Response } from './uws.ts'

/** What the owner of such an answer wants to hear. */
export interface SizedConsumer {
  /** All that was written has left, and the socket takes more. */
  drained(): void
  /** The answer is given to the library as a whole, or the connection is gone. Called once; nothing can be written after it. */
  closed(isWhole: boolean): void
}

export class SizedBody {
  readonly #clock: Clock
  readonly #bytes: number
  readonly #consumer: SizedConsumer
  /** Leaves with the first piece. Undefined once it did. */
  #head: (() => void) | undefined
  /** Undefined once it is over. */
  #response: Response | undefined
  /** What the socket did not take of the last piece; undefined: it took all. */
  #rest: Uint8Array | undefined
  /** Of no use here: a request that still sends gets no such answer. */
  isCutAtEnd = false

  /** `bytes`: how many there will be, not none. */
  constructor(clock: Clock, response: Response, bytes: number, consumer: SizedConsumer, head: () => void) {
    this.#clock = clock
    this.#response = response
    this.#bytes = bytes
    this.#consumer = consumer
    this.#head = head
    response.onAborted(() => this.#over(false))
    // Without this handler one moment of backpressure kills the answer 10 s later (README, rule 5).
    response.onWritable(() => {
      guard(
        clock,
        () => this.close(),
        () => this.#writable(),
      )
      return true
    })
  }

  get open(): boolean {
    return this.#response !== undefined
  }

  /**
   * Takes the next bytes, not none, which must not change from now on until `drained`. False: the socket is behind; write
   * nothing more until `drained`. The last one of all ends the answer, and calls `closed` before it returns.
   */
  write(bytes: Uint8Array): boolean {
    const response = this.#response
    if (response === undefined) return true
    if (this.#rest !== undefined) throw new Error('the last piece has not left')
    return this.#put(response, bytes)
  }

  /** Cuts the connection: the client sees that bytes are missing. */
  close(): void {
    // The library reports this as an abort, before it returns.
    this.#response?.close()
  }

  /** The library counts what the socket took of it, and keeps nothing of the rest (README, rule 20). */
  #put(response: Response, piece: Uint8Array): boolean {
    const from = response.getWriteOffset()
    let taken = false
    let isOver = false
    response.cork(() => {
      this.#head?.()
      this.#head = undefined
      ;[taken, isOver] = response.tryEnd(piece, this.#bytes)
    })
    if (isOver) this.#over(true)
    else this.#rest = taken ? undefined : piece.subarray(response.getWriteOffset() - from)
    return isOver || taken
  }

  #writable(): void {
    const response = this.#response
    // An empty cork sends what the library still holds of the head (README, rule 5).
    response?.cork(() => {})
    const rest = this.#rest
    if (response === undefined || rest === undefined) return
    if (rest.length > 0 && !this.#put(response, rest)) return
    this.#rest = undefined
    if (this.open) this.#consumer.drained()
  }

  #over(isWhole: boolean): void {
    if (this.#response === undefined) return
    this.#response = undefined
    this.#rest = undefined
    guard(
      this.#clock,
      () => {},
      () => this.#consumer.closed(isWhole),
    )
  }
}
