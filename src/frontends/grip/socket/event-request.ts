// One request with events, made again where that can do nothing twice, and its answer, collected whole (contract §8.3).
import type { Cancel, Clock } from '../../../std/clock.ts'
import { GatheredBytes } from '../../../std/gathered-bytes.ts'
import type { Random } from '../../../std/random.ts'
import type { Head } from '../proxy/answer.ts'
import type { Attempt, AttemptHandlers, Failure } from '../proxy/attempt.ts'
import { causeOf } from '../proxy/failures.ts'
import type { Target } from '../routes/target.ts'
import { retryPauseMs } from './retry.ts'

export interface EventAnswer {
  readonly target: Target
  readonly head: Head
  readonly body: Buffer
}

export interface EventRequestOwner {
  /** How many bytes of the answer are read; a sentence: it is not wanted, and why. */
  bytesMaxOf(head: Head): number | string
  /** It holds more than before. That may abort it. */
  grew(): void
  /** One of the two, once, unless it is aborted. */
  answered(answer: EventAnswer): void
  failed(cause: string): void
}

export interface EventOrder {
  readonly clock: Clock
  readonly random: Random
  /** Whether it can do nothing twice, and there is time for it; asked before each repetition. */
  mayRepeat(): boolean
  ask(handlers: AttemptHandlers): Attempt
  repeated(): void
}

export class EventRequest {
  readonly #order: EventOrder
  readonly #owner: EventRequestOwner
  #attempt: Attempt | undefined
  /** Between two attempts. */
  #pause: Cancel | undefined
  #failures = 0
  #target: Target | undefined
  #head: Head | undefined
  #body: GatheredBytes | undefined
  #bytesMax = 0
  #isPaused = false

  constructor(order: EventOrder, owner: EventRequestOwner) {
    this.#order = order
    this.#owner = owner
  }

  /** Of the answer. */
  get heldBytes(): number {
    return this.#body?.heldBytes ?? 0
  }

  start(): void {
    this.#attempt = this.#order.ask({
      onHead: (target, status, reason, rawHeaders) => this.#begin(target, { status, reason, rawHeaders }),
      onBody: piece => this.#collect(piece),
      onEnd: () => this.#end(),
      onFailure: failure => this.#failed(failure),
    })
  }

  /** Nothing is called any more. */
  abort(): void {
    this.#attempt?.abort()
    this.#pause?.()
    this.#body = undefined
  }

  /** What was read goes on to be collected, and no more is read. */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#attempt?.resume()
  }

  #begin(target: Target, head: Head): void {
    const bytesMax = this.#owner.bytesMaxOf(head)
    if (typeof bytesMax === 'string') return this.#tear(bytesMax)
    this.#target = target
    this.#head = head
    this.#bytesMax = bytesMax
  }

  #collect(piece: Buffer): boolean {
    this.#body ??= new GatheredBytes(this.#bytesMax)
    if (this.#body.length + piece.length > this.#bytesMax) {
      this.#tear(`an answer of more than ${this.#bytesMax} bytes`)
      return true
    }
    this.#body.add(piece)
    this.#owner.grew()
    return !this.#isPaused
  }

  #end(): void {
    const { bytes } = this.#body ?? new GatheredBytes(0)
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const [target, head] = [this.#target, this.#head]
    if (target !== undefined && head !== undefined) this.#owner.answered({ target, head, body })
  }

  #failed(failure: Failure): void {
    const { phase } = failure
    this.#attempt = undefined
    const isUnsent = phase === 'connecting' || phase === 'sending'
    const mayRepeat = isUnsent && this.#order.mayRepeat() && failure.code !== 'request-invalid'
    const pauseMs = mayRepeat ? retryPauseMs(++this.#failures, this.#order.random) : undefined
    if (pauseMs === undefined) return this.#owner.failed(causeOf(failure))
    this.#pause = this.#order.clock.after(pauseMs, () => {
      if (!this.#order.mayRepeat()) return this.#owner.failed(causeOf(failure))
      this.#order.repeated()
      this.start()
    })
  }

  #tear(cause: string): void {
    this.abort()
    this.#owner.failed(cause)
  }
}
