// Items by the second in which they expire. One look a second serves all of them, however many there are,
// and follows the wall clock, which is what tokens go by.
import type { Clock } from './clock.ts'

export class Expiries<Item> {
  readonly #clock: Clock
  readonly #expired: (item: Item) => void
  readonly #bySecond = new Map<number, Set<Item>>()
  /** All up to it were served. */
  #served: number

  /** `expired` is called once for each item, and must not throw. */
  constructor(clock: Clock, expired: (item: Item) => void) {
    this.#clock = clock
    this.#expired = expired
    this.#served = nowSeconds(clock)
    clock.every(1_000, () => this.#serve())
  }

  /** `second` is the first Unix second in which the item is expired. Returns the one that `remove` must be told. */
  add(item: Item, second: number): number {
    const due = Math.max(second, this.#served + 1)
    const items = this.#bySecond.get(due) ?? new Set()
    items.add(item)
    this.#bySecond.set(due, items)
    return due
  }

  /** Removing an item twice, or after it expired, is harmless. */
  remove(item: Item, second: number): void {
    const items = this.#bySecond.get(second)
    if (items?.delete(item) && items.size === 0) this.#bySecond.delete(second)
  }

  #serve(): void {
    const now = nowSeconds(this.#clock)
    // After a long stall, or a step of the clock, there are fewer entries than seconds.
    const isStep = now - this.#served > this.#bySecond.size
    const due = isStep ? [...this.#bySecond.keys()] : range(this.#served + 1, now)
    this.#served = now
    for (const second of due) {
      if (second > now) continue
      const items = this.#bySecond.get(second)
      this.#bySecond.delete(second)
      for (const item of items ?? []) this.#expired(item)
    }
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
}

function nowSeconds(clock: Clock): number {
  return Math.floor(clock.unixMs() / 1_000)
}
