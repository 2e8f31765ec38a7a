// Questions about the whole node, gathered: however many ask this worker, one question is under way at most. Whoever
// asks meanwhile waits for the next one, for an answer must include what happened before it was asked for.
import type { NodeStatus } from './status.ts'

type Done = (status: NodeStatus) => void

export class StatusRounds {
  readonly #ask: (done: Done) => void
  #waiting: Done[] = []
  #asking = false

  constructor(ask: (done: Done) => void) {
    this.#ask = ask
  }

  /** Calls `done` once. */
  ask(done: Done): void {
    this.#waiting.push(done)
    this.#next()
  }

  #next(): void {
    if (this.#asking || this.#waiting.length === 0) return
    this.#asking = true
    const askers = this.#waiting.splice(0)
    this.#ask(status => {
      this.#asking = false
      for (const done of askers) done(status)
      this.#next()
    })
  }
}
