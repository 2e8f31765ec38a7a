// The items of one connection on their way through their filters, told in the order in which they came: what comes behind one that
// waits for an origin waits, too. For connections that do nothing else with an item in between; streams and long polls wait
// for more than filters, and keep what waits themselves.
import type { Held } from '../hold/hold.ts'
import { Waiting } from '../hold/waiting.ts'
import type { Item } from '../item/item.ts'
import type { Filters } from './filters.ts'
import type { Load, Party, Pending, Verdict } from './party.ts'

export interface InOrderOwner {
  /** As it is now. */
  party(): Party
  /** What of an item is for it; undefined: nothing, and it is asked of no filter. */
  loadOf(item: Item): Load | undefined
  /** In order, each item once. One without a load passes. */
  sifted(held: Held, item: Item, verdict: Verdict): void
  /** Runs it when the connection may be told of a verdict that came later: at once, or behind what is under way. */
  inTurn(run: () => void): void
}

export class InOrder {
  readonly #filters: Filters
  readonly #owner: InOrderOwner
  readonly #waiting = new Waiting()
  #pending: Pending | undefined
  #isOver = false

  constructor(filters: Filters, owner: InOrderOwner) {
    this.#filters = filters
    this.#owner = owner
  }

  /** Something waits. */
  get isBusy(): boolean {
    return this.#pending !== undefined
  }

  /** False: more wait than may, and nothing was added: its connection is let go of. */
  add(held: Held, item: Item): boolean {
    if (this.#isOver) return true
    if (this.#pending !== undefined) return this.#waiting.add(held, item)
    this.#sift(held, item)
    return true
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#isOver = true
    this.#pending?.cancel()
    this.#waiting.clear()
  }

  #sift(held: Held, item: Item): void {
    const load = this.#owner.loadOf(item)
    if (load === undefined) return this.#owner.sifted(held, item, { kind: 'pass', content: nothing })
    const sifted = { held, item, load, party: this.#owner.party() }
    const verdict = this.#filters.sift(sifted, late => {
      this.#owner.inTurn(() => this.#goOn(held, item, late))
    })
    if (verdict.kind === 'pending') this.#pending = verdict
    else this.#tell(held, item, verdict)
  }

  /** Until its turn it is pending still, so that what comes meanwhile waits behind it. */
  #goOn(held: Held, item: Item, verdict: Verdict): void {
    this.#pending = undefined
    this.#tell(held, item, verdict)
    for (const next of this.#waiting.take()) this.add(next.held, next.item)
  }

  #tell(held: Held, item: Item, verdict: Verdict): void {
    if (!this.#isOver) this.#owner.sifted(held, item, verdict)
  }
}

const nothing = new Uint8Array(0)
