// One timer for very many periodic deadlines of the same period (heartbeats). All entries share the period, so a
// doubly linked list in order of their next deadline needs no heap: a new or just-served entry goes to the end.
import type { Clock } from './clock.ts'

/** A place in the list, as `add` hands it out. */
export interface CadenceEntry<Item> {
  readonly item: Item
  due: number
  previous: CadenceEntry<Item>
  next: CadenceEntry<Item>
}

export class Cadence<Item> {
  readonly #clock: Clock
  readonly #periodMs: number
  readonly #run: (item: Item) => void
  /** Closes the ring; an empty list points at itself. It has no item and is never served. */
  readonly #ring: CadenceEntry<Item>
  #armed = false

  /** `run` is called with each item once a period; it must not throw. */
  constructor(clock: Clock, periodMs: number, run: (item: Item) => void) {
    this.#clock = clock
    this.#periodMs = periodMs
    this.#run = run
    this.#ring = createEntry(undefined as Item, 0) // never served: see above
  }

  /**
   * From now on, every period, counted from now. After a stall the next time is one full period after the late one:
   * missed periods are not made up.
   */
  add(item: Item): CadenceEntry<Item> {
    const entry = createEntry(item, this.#clock.now() + this.#periodMs)
    this.#append(entry)
    this.#arm()
    return entry
  }

  /** Removing an entry twice is harmless. */
  remove(entry: CadenceEntry<Item>): void {
    entry.previous.next = entry.next
    entry.next.previous = entry.previous
    entry.previous = entry.next = entry
  }

  #append(entry: CadenceEntry<Item>): void {
    const last = this.#ring.previous
    entry.previous = last
    entry.next = this.#ring
    last.next = entry
    this.#ring.previous = entry
  }

  #arm(): void {
    const first = this.#ring.next
    if (this.#armed || first === this.#ring) return
    this.#armed = true
    this.#clock.after(Math.max(0, first.due - this.#clock.now()), () => this.#serve())
  }

  #serve(): void {
    this.#armed = false
    const now = this.#clock.now()
    // Timers may fire a little early; half a millisecond of grace saves a second wake-up.
    for (
      let entry = this.#ring.next;
      entry !== this.#ring && entry.due <= now + 0.5;
      entry = this.#ring.next
    ) {
      this.remove(entry)
      const late = now - entry.due > this.#periodMs / 2
      entry.due = (late ? now : entry.due) + this.#periodMs
      this.#append(entry)
      this.#run(entry.item)
    }
    this.#arm()
  }
}

function createEntry<Item>(item: Item, due: number): CadenceEntry<Item> {
  const entry = { item, due } as CadenceEntry<Item> // its links follow in the next line
  entry.previous = entry.next = entry
  return entry
}
