// A response hold (contract §5.4): the stored response waits for an item that answers it, or for its time. What comes while the
// filters of an item ask an origin waits for that; so does everything that would end the hold, but for the node's stop.
import { isSifted, noContent } from '../filter/filters.ts'
import type { Load, Pending, Verdict } from '../filter/party.ts'
import type { Item, ResponseFormat, ResponseSend } from '../item/item.ts'
import { applyPatch } from '../item/patch.ts'
import type { EndCause } from './ends.ts'
import type { Held } from './hold.ts'
import { follows, isElsewhere, moveTo } from './order.ts'
import type { StoredResponse } from './response-of.ts'
import type { Sift } from './sift.ts'
import type { Timer, Timers } from './timers.ts'
import { Waiting } from './waiting.ts'

export interface PollOwner {
  /** Once: an item's answer, or at the time the stored response itself. */
  answer(stored: StoredResponse, format: ResponseSend | undefined, why: EndCause): void
  /** The whole request is made again: at once, or in a while where a gap was seen, for others may follow it. */
  askAgain(isAtOnce: boolean): void
  /** An item that waited here, for whatever the hold has become. */
  hear(held: Held, item: Item): void
  /** More waits than may. */
  torn(why: EndCause): void
  readonly sift: Sift
}

/** What is to be done when the filters of an item are through, if it was not the answer. */
type Wish = 'answer' | 'ask'

export class Poll {
  readonly #stored: StoredResponse
  readonly #owner: PollOwner
  readonly #timer: Timer
  /** Of the item whose filters ask, and what came behind it. */
  #filtering: { readonly pending: Pending; readonly waiting: Waiting; wish?: Wish } | undefined
  #isOver = false

  constructor(stored: StoredResponse, timeoutMs: number, timers: Timers, owner: PollOwner) {
    this.#stored = stored
    this.#owner = owner
    this.#timer = timers.once(timeoutMs, () => this.#due())
  }

  /** Its channels are live. Who is not where a channel is has missed something. */
  begin(channels: readonly Held[]): void {
    if (channels.some(isElsewhere)) this.#ask(false)
  }

  /** An item that waited while the origin was asked. What its answer has already, or nobody can place, is dropped. */
  heardBefore(held: Held, item: Item): void {
    if (this.#filtering !== undefined || follows(held, item)) this.heard(held, item)
  }

  heard(held: Held, item: Item): void {
    if (this.#isOver) return
    if (this.#filtering !== undefined) {
      if (!this.#filtering.waiting.add(held, item)) this.#owner.torn('overflow')
    } else if (follows(held, item)) this.#hear(held, item)
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
    this.#filtering?.pending.cancel()
    this.#filtering = undefined
  }

  /** Publications are missing, or the origin is to be asked for another reason. */
  ask(): void {
    this.#ask(false)
  }

  #due(): void {
    if (this.#filtering === undefined) this.#answer(undefined, 'timeout')
    else this.#filtering.wish ??= 'answer'
  }

  #hear(held: Held, item: Item): void {
    const { response } = item
    if (response === undefined) return moveTo(held, item)
    if (!isSifted(held, response)) return this.#deliver(held, item, response)
    const load = response.action === 'send' ? this.#loadOf(response) : noContent
    const verdict = this.#owner.sift(held, item, load, late => this.#goOn(held, item, response, late))
    if (verdict.kind === 'pending') this.#filtering = { pending: verdict, waiting: new Waiting() }
    else this.#settle(held, item, response, verdict)
  }

  /** Filters get the body that its client would get: a patch is applied before. */
  #loadOf({ body, contentFilters }: ResponseSend): Load {
    const content = body instanceof Uint8Array ? body : applyPatch(this.#stored.body, body.patch)
    return { content, contentFilters }
  }

  #settle(held: Held, item: Item, response: ResponseFormat, verdict: Verdict): void {
    if (verdict.kind !== 'pass') return moveTo(held, item)
    const isSend = response.action === 'send'
    this.#deliver(held, item, isSend ? { ...response, body: verdict.content } : response)
  }

  #goOn(held: Held, item: Item, response: ResponseFormat, verdict: Verdict): void {
    const filtering = this.#filtering
    this.#filtering = undefined
    this.#settle(held, item, response, verdict)
    if (filtering === undefined) return
    if (filtering.wish === 'answer') this.#answer(undefined, 'timeout')
    else if (filtering.wish === 'ask') this.#ask(false)
    for (const next of filtering.waiting.take()) this.#owner.hear(next.held, next.item)
  }

  #deliver(held: Held, item: Item, response: ResponseFormat): void {
    if (response.action === 'hint') return this.#ask(true)
    moveTo(held, item)
    if (response.action === 'send') this.#answer(response, 'published')
  }

  #answer(format: ResponseSend | undefined, why: EndCause): void {
    if (this.#isOver) return
    this.stop()
    this.#owner.answer(this.#stored, format, why)
  }

  #ask(isAtOnce: boolean): void {
    if (this.#isOver) return
    if (this.#filtering !== undefined) {
      this.#filtering.wish = 'ask'
      return
    }
    this.stop()
    this.#owner.askAgain(isAtOnce)
  }
}
