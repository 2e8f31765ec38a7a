// Where our code runs inside the library's parser, of which a thread has one. What would enter it again, for another call
// perhaps, has to wait until it has returned: the library asserts that nobody does.
import type { Clock } from '../../std/clock.ts'
import { afterThrow } from '../guard.ts'

export class Turnstile {
  readonly #clock: Clock
  #depth = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs what somebody handed us; where it throws, `failed` cleans up and the exception is thrown again outside. */
  inside(run: () => void, failed: () => void): void {
    this.#depth++
    try {
      run()
    } catch (error) {
      afterThrow(this.#clock, failed, error)
    } finally {
      this.#depth--
    }
  }

  /** At once, or when the parser has returned. */
  outside(run: () => void): void {
    if (this.#depth === 0) run()
    else queueMicrotask(run)
  }

  /** Never before whoever calls has returned. */
  later(run: () => void): void {
    queueMicrotask(() => this.inside(run, () => {}))
  }
}
