// Pauses between tries: they double from the first to the longest, and shrink by up to half, so that those who lost the
// same node do not return at once.
import type { Clock } from '../std/clock.ts'
import type { Random } from '../std/random.ts'

const pauseMs = { first: 250, max: 10_000 } as const

export class Pauses {
  readonly #clock: Clock
  readonly #random: Random
  readonly #interrupted: AbortSignal
  #nextMs: number = pauseMs.first

  constructor(clock: Clock, random: Random, interrupted: AbortSignal) {
    this.#clock = clock
    this.#random = random
    this.#interrupted = interrupted
  }

  /** It worked: the next one is the first again. */
  reset(): void {
    this.#nextMs = pauseMs.first
  }

  /** Milliseconds. Each call is a longer one. */
  next(): number {
    const full = this.#nextMs
    this.#nextMs = Math.min(full * 2, pauseMs.max)
    const chance = Number.parseInt(this.#random.hex(1), 16) / 255
    return full * (1 - chance / 2)
  }

  /** Shorter where it is interrupted. */
  wait(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        cancel()
        this.#interrupted.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#clock.after(ms, done)
      this.#interrupted.addEventListener('abort', done)
    })
  }
}
