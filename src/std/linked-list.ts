// Entries in an order in which any of them leaves, or goes to the end, at once. Linked through the entries themselves,
// so that a place costs two members of what is there anyway, and no look-up.

/** What an entry brings. Undefined at an end of the list, and while it is in none. An entry is in one list at most. */
export interface Linked<Entry> {
  previous: Entry | undefined
  next: Entry | undefined
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

  /** Must be in no list. */
  append(entry: Entry): void {
    entry.previous = this.#last
    entry.next = undefined
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
    this.#size++
  }

  /** Harmless for one that is in no list. */
  remove(entry: Entry): void {
    const { previous, next } = entry
    if (previous === undefined && entry !== this.#first) return
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    entry.previous = undefined
    entry.next = undefined
    this.#size--
  }
}
