// When origins are asked again (contract §5.8, §10): ten times a second, for up to 100 clients each. So a burst of items
// asks once for each client, and the many clients of one channel do not fall upon an origin all at once.
import type { Clock } from '../../../std/clock.ts'

const paceMs = 100
const clientsMax = 100

export class Pace {
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #isArmed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs it in its turn, never before this returns; the returned function takes it back. */
  add(run: () => void): () => void {
    this.#waiting.add(run)
    this.#arm()
    return () => void this.#waiting.delete(run)
  }

  get waiting(): number {
    return this.#waiting.size
  }

  #arm(): void {
    if (this.#isArmed || this.#waiting.size === 0) return
    this.#isArmed = true
    this.#clock.after(paceMs, () => this.#serve())
  }

  #serve(): void {
    this.#isArmed = false
    const turn: (() => void)[] = []
    for (const run of this.#waiting) if (turn.push(run) === clientsMax) break
    // One of them may take another one back.
    for (const run of turn) if (this.#waiting.delete(run)) run()
    this.#arm()
  }
}
