// What the client of a session that polls sends: one request at a time, handed on as long as its origin takes it, and with turns for
// others in between.
import type { FrameHandlers } from '../../../../net/gate/frame-peer.ts'
import { turnFramesMax } from '../../../../net/gate/limits.ts'
import type { Clock } from '../../../../std/clock.ts'
import type { StoredBytes } from '../../hold/stored-bytes.ts'
import type { Asking } from './asking.ts'
import { Sending } from './sending.ts'
import { refusals, type Said } from './words.ts'

export interface InboundContext {
  readonly clock: Pick<Clock, 'endOfTurn'>
  readonly stored: Pick<StoredBytes, 'take' | 'giveBack'>
  /** Who gets it; undefined: nobody now. */
  handlers(): FrameHandlers | undefined
  /** Its origin took all of a request. */
  taken(asking: Asking): void
}

export class Inbound {
  readonly #context: InboundContext
  #sending: Sending | undefined
  #isPaused = false
  /** Others have a turn before more of it is handed on. */
  #isWaiting = false

  constructor(context: InboundContext) {
    this.#context = context
  }

  get ticket(): string | undefined {
    return this.#sending?.asking.ticket
  }

  /** Undefined: `taken` is told later. */
  send(asking: Asking, texts: readonly string[]): Said | undefined {
    if (this.#sending !== undefined) return refusals.sending
    this.#sending = Sending.begin(asking, texts, this.#context.stored)
    if (this.#sending === undefined) return refusals.full
    this.feed()
    return undefined
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    queueMicrotask(() => this.feed())
  }

  feed(): void {
    const sending = this.#sending
    if (sending === undefined || this.#isWaiting) return
    let left = turnFramesMax
    sending.feed(() => (this.#isPaused || left-- === 0 ? undefined : this.#context.handlers()))
    if (left < 0 && !sending.isOver) this.#feedLater()
    if (!sending.isOver || this.#sending !== sending) return
    this.#sending = undefined
    sending.drop()
    this.#context.taken(sending.asking)
  }

  /** What was under way, which nobody gets. */
  drop(): Asking | undefined {
    const sending = this.#sending
    this.#sending = undefined
    sending?.drop()
    return sending?.asking
  }

  #feedLater(): void {
    this.#isWaiting = true
    this.#context.clock.endOfTurn(() => {
      this.#isWaiting = false
      this.feed()
    })
  }
}
