// A response hold (contract §5.4): the stored response waits for an item that answers it, or for its time.
import type { Item, ResponseSend } from '../item/item.ts'
import type { EndCause } from './ends.ts'
import type { Held } from './hold.ts'
import { follows, isElsewhere, moveTo } from './order.ts'
import type { StoredResponse } from './response-of.ts'
import type { Timer, Timers } from './timers.ts'

export interface PollOwner {
  /** Once: an item's answer, or at the time the stored response itself. */
  answer(stored: StoredResponse, format: ResponseSend | undefined, why: EndCause): void
  /** The whole request is made again: at once, or in a while where a gap was seen, for others may follow it. */
  askAgain(isAtOnce: boolean): void
}

export class Poll {
  readonly #stored: StoredResponse
  readonly #owner: PollOwner
  readonly #timer: Timer
  #isOver = false

  constructor(stored: StoredResponse, timeoutMs: number, timers: Timers, owner: PollOwner) {
    this.#stored = stored
    this.#owner = owner
    this.#timer = timers.once(timeoutMs, () => this.#answer(undefined, 'timeout'))
  }

  /** Its channels are live. Who is not where a channel is has missed something. */
  begin(channels: readonly Held[]): void {
    if (channels.some(isElsewhere)) this.#ask(false)
  }

  /** An item that waited while the origin was asked. What its answer has already, or nobody can place, is dropped. */
  heardBefore(held: Held, item: Item): void {
    if (follows(held, item)) this.#hear(held, item)
  }

  heard(held: Held, item: Item): void {
    if (follows(held, item)) this.#hear(held, item)
    else this.#ask(false)
  }

  /** It cannot wait any more: it is answered as if its time had come. */
  expire(why: EndCause): void {
    this.#answer(undefined, why)
  }

  /** Nothing is answered or asked any more. */
  stop(): void {
    this.#isOver = true
    this.#timer.cancel()
  }

  /** Publications are missing, or the origin is to be asked for another reason. */
  ask(): void {
    this.#ask(false)
  }

  #hear(held: Held, item: Item): void {
    const { response } = item
    if (this.#isOver) return
    if (response?.action === 'hint') return this.#ask(true)
    moveTo(held, item)
    if (response?.action === 'send') this.#answer(response, 'published')
  }

  #answer(format: ResponseSend | undefined, why: EndCause): void {
    if (this.#isOver) return
    this.stop()
    this.#owner.answer(this.#stored, format, why)
  }

  #ask(isAtOnce: boolean): void {
    if (this.#isOver) return
    this.stop()
    this.#owner.askAgain(isAtOnce)
  }
}
