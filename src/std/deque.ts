// A first-in first-out queue whose take is O(1): an array read from a moving start, cut when half of it is empty.

export class Deque<Item> {
  #items: (Item | undefined)[] = []
  #start = 0

  get length(): number {
    return this.#items.length - this.#start
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  /** The one that `take` takes. */
  get first(): Item | undefined {
    return this.#items[this.#start]
  }

  take(): Item | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#start]
    this.#items[this.#start++] = undefined
    if (this.#start * 2 > this.#items.length && this.#start > 32) {
      this.#items = this.#items.slice(this.#start)
      this.#start = 0
    } else if (this.#start === this.#items.length) {
      this.#items.length = this.#start = 0
    }
    return item
  }
}
