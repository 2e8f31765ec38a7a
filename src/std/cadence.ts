// One timer for very many periodic deadlines of the same period (heartbeats). All entries share the period, so a list in
// order of their next deadline needs no heap: a new or just-served entry goes to the end.
import type { Clock } from './clock.ts'
import { type Linked, LinkedList } from './linked-list.ts'

/** A place in the list, as `add` hands it out. */
export interface CadenceEntry<Item> extends Linked<CadenceEntry<Item>> {
  readonly item: Item
  due: number
}

export class Cadence<Item> {
  readonly #clock: Clock
  readonly #periodMs: number
  readonly #run: (item: Item) => void
  /** Whoever is due next comes first. */
  readonly #entries = new LinkedList<CadenceEntry<Item>>()
  #armed = false

  /** `run` is called with each item once a period; it must not throw. */
  constructor(clock: Clock, periodMs: number, run: (item: Item) => void) {
    this.#clock = clock
    this.#periodMs = periodMs
    this.#run = run
  }

  /**
   * From now on, every period, counted from now. After a stall the next time is one full period after the late one:
   * missed periods are not made up.
   */
  add(item: Item): CadenceEntry<Item> {
    const entry: CadenceEntry<Item> = { item, due: 0, before: undefined, after: undefined }
    this.enter(entry)
    return entry
  }

  /** The same for an item that is its own entry, which costs less than one besides it. It is in no list. */
  enter(entry: CadenceEntry<Item>): void {
    entry.due = this.#clock.now() + this.#periodMs
    this.#entries.append(entry)
    this.#arm()
  }

  /** Removing an entry twice is harmless. */
  remove(entry: CadenceEntry<Item>): void {
    this.#entries.remove(entry)
  }

  #arm(): void {
    const { first } = this.#entries
    if (this.#armed || first === undefined) return
    this.#armed = true
    this.#clock.after(Math.max(0, first.due - this.#clock.now()), () => this.#serve())
  }

  #serve(): void {
    this.#armed = false
    const now = this.#clock.now()
    // Timers may fire a little early; half a millisecond of grace saves a second wake-up.
    for (
      let entry = this.#entries.first;
      entry !== undefined && entry.due <= now + 0.5;
      entry = this.#entries.first
    ) {
      this.#entries.remove(entry)
      const late = now - entry.due > this.#periodMs / 2
      entry.due = (late ? now : entry.due) + this.#periodMs
      this.#entries.append(entry)
      this.#run(entry.item)
    }
    this.#arm()
  }
}
