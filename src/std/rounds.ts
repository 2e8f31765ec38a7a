// Questions that many ask at once and that are dear to answer, like what the whole node counts: one is under way at most.
// Whoever asks meanwhile waits for the next one, for an answer must include what happened before it was asked for.

type Done<Answer> = (answer: Answer) => void

export class Rounds<Answer> {
  readonly #ask: (done: Done<Answer>) => void
  #waiting: Done<Answer>[] = []
  #asking = false

  constructor(ask: (done: Done<Answer>) => void) {
    this.#ask = ask
  }

  /** Calls `done` once. */
  ask(done: Done<Answer>): void {
    this.#waiting.push(done)
    this.#next()
  }

  #next(): void {
    if (this.#asking || this.#waiting.length === 0) return
    this.#asking = true
    const askers = this.#waiting.splice(0)
    this.#ask(answer => {
      this.#asking = false
      for (const done of askers) done(answer)
      this.#next()
    })
  }
}
