// What of one batch waits for its turn at the worker's rate, for one client. At most one batch does: the engine is told that the client
// is behind, and keeps the rest.
import type { Batch } from '../item/batch.ts'
import type { Item } from '../item/item.ts'
import type { Held } from './hold.ts'
import type { DeliveryRate, Waiter } from './rate.ts'

export interface PacedOwner {
  /** Explicit id of its rule; empty: it has none. */
  readonly route: string
  /** Bytes that its client would get of the item; undefined: none of its formats is for the client. */
  bytesFor(item: Item): number | undefined
  /** False: the client is behind. */
  deliver(held: Held, batch: Batch): boolean
  /** Nothing waits any more, and the client takes more. */
  caughtUp(): void
  /** What it got so far is all that it can get without a hole. */
  overrun(): void
}

interface Rest {
  readonly held: Held
  readonly batch: Batch
  next: number
  readonly end: number
  /** Not everything could wait. */
  readonly isShort: boolean
}

export class Paced implements Waiter {
  readonly #rate: DeliveryRate
  readonly #owner: PacedOwner
  #rest: Rest | undefined
  #isBehind = false

  constructor(rate: DeliveryRate, owner: PacedOwner) {
    this.#rate = rate
    this.#owner = owner
  }

  get route(): string {
    return this.#owner.route
  }

  get isWaiting(): boolean {
    return this.#rest !== undefined && !this.#isBehind
  }

  /** Something waits for its turn. */
  get hasRest(): boolean {
    return this.#rest !== undefined
  }

  /** Delivers what may be delivered now. False: nothing more is wanted until `caughtUp`, or the client is behind. */
  offer(held: Held, batch: Batch): boolean {
    const all = batch.arrivals.length
    let now = 0
    while (now < all && this.#take(batch, now)) now++
    if (now === all) return this.#owner.deliver(held, batch)
    const taken = this.#rate.wait(this, all - now)
    this.#rest = { held, batch, next: now, end: now + taken, isShort: taken < all - now }
    for (let at = 0; at < now; at++) this.#deliver(held, batch.one(at))
    if (taken === 0 && this.#rest !== undefined) this.#finish()
    return false
  }

  turn(): number {
    const rest = this.#rest
    if (rest === undefined) return 0
    const { held, batch } = rest
    const one = batch.one(rest.next++)
    this.#deliver(held, one)
    if (this.#rest === rest && rest.next === rest.end) this.#finish()
    return this.#costOf(one)
  }

  /** The client takes more. True: the owner's engine may go on. */
  drained(): boolean {
    this.#isBehind = false
    if (this.#rest === undefined) return true
    this.#rate.queue(this)
    return false
  }

  leave(): void {
    const rest = this.#rest
    this.#rest = undefined
    if (rest !== undefined) this.#rate.leave(this, rest.end - rest.next)
  }

  #take(batch: Batch, at: number): boolean {
    const cost = this.#costOf(batch.one(at))
    return cost === 0 || this.#rate.take(cost)
  }

  #costOf({ arrivals: [arrival] }: Batch): number {
    const bytes = arrival && this.#owner.bytesFor(arrival.item)
    return arrival === undefined || bytes === undefined ? 0 : this.#rate.costOf(bytes)
  }

  #deliver(held: Held, batch: Batch): void {
    if (this.#owner.deliver(held, batch) || this.#rest === undefined) return
    this.#isBehind = true
    this.#rate.leave(this)
  }

  #finish(): void {
    const isShort = this.#rest?.isShort === true
    this.#rest = undefined
    if (isShort) this.#owner.overrun()
    else if (!this.#isBehind) this.#owner.caughtUp()
  }
}
