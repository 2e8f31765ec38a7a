// How many clients one front-end has in one worker: each takes a place when it asks, and gives it back when it is over.

export class Admission {
  readonly #max: () => number
  /** Opening or open. */
  places = 0
  /** Clients for whom there was no place. */
  refused = 0

  /** `max` is asked each time: a reload may change it, and nobody leaves for it. */
  constructor(max: () => number) {
    this.#max = max
  }

  /** False: there is no place. */
  enter(): boolean {
    if (this.places >= this.#max()) {
      this.refused++
      return false
    }
    this.places++
    return true
  }

  leave(): void {
    this.places--
  }
}
