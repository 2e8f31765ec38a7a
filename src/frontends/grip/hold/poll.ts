// A response hold (contract §5.4): the stored response waits for an item that answers it, or for its time.
import type { Batch } from '../item/batch.ts'
import type { Item, ResponseSend } from '../item/item.ts'
import type { Held } from './hold.ts'
import type { StoredResponse } from './response-of.ts'
import type { Timer, Timers } from './timers.ts'

export interface PollOwner {
  /** Once: an item's answer, or at the time the stored response itself. */
  answer(stored: StoredResponse, format: ResponseSend | undefined): void
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
    this.#timer = timers.once(timeoutMs, () => this.#answer(undefined))
  }

  /** Its channels are live. Who names another id than the channel's last one has missed something. */
  begin(channels: readonly Held[]): void {
    if (
      channels.some(({ prevId, lastId }) => prevId !== undefined && lastId !== undefined && prevId !== lastId)
    ) {
      this.#ask(false)
    }
  }

  heard(held: Held, { arrivals }: Batch): void {
    for (const { item } of arrivals) {
      if (this.#isOver) return
      this.hear(held, item)
    }
  }

  hear(held: Held, item: Item): void {
    const { response } = item
    if (this.#isOver) return
    if (held.prevId !== undefined && !item.noSeq) {
      if (item.prevId !== undefined && item.prevId !== held.prevId) return this.#ask(false)
      if (item.id !== undefined) held.prevId = item.id
    }
    if (response?.action === 'send') this.#answer(response)
    else if (response?.action === 'hint') this.#ask(true)
  }

  /** The node stops: whoever waits is answered as if its time had come. */
  expire(): void {
    this.#answer(undefined)
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

  #answer(format: ResponseSend | undefined): void {
    if (this.#isOver) return
    this.stop()
    this.#owner.answer(this.#stored, format)
  }

  #ask(isAtOnce: boolean): void {
    if (this.#isOver) return
    this.stop()
    this.#owner.askAgain(isAtOnce)
  }
}
