// Entries in an order in which any of them leaves, or goes to the end, at once. Linked through the entries themselves,
// so that a place costs two members of what is there anyway, and no look-up.

/** What an entry brings. Undefined at an end of the list, and while it is in none. An entry is in one list at most. */
export interface Linked<Entry> {
  before: Entry | undefined
  after: Entry | undefined
}

export class LinkedList<Entry extends Linked<Entry>> {
  #first: Entry | undefined
  #last: Entry | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get first(): Entry | undefined {
    return this.#first
  }

  /** The first one first. The one at hand may leave the list only behind the loop. */
  *[Symbol.iterator](): Generator<Entry> {
    for (let entry = this.#first; entry !== undefined; entry = entry.after) yield entry
  }

  /** Must be in no list. */
  append(entry: Entry): void {
    entry.before = this.#last
    entry.after = undefined
    if (this.#last === undefined) this.#first = entry
    else this.#last.after = entry
    this.#last = entry
    this.#size++
  }

  /** Harmless for one that is in no list. */
  remove(entry: Entry): void {
    const { before, after } = entry
    if (before === undefined && entry !== this.#first) return
    if (before === undefined) this.#first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    entry.before = undefined
    entry.after = undefined
    this.#size--
  }
  /** To the end. Must be in the list. */
  used(entry: Entry): void {
    if (entry === this.#last) return
    this.remove(entry)
    this.append(entry)
  }
}
