// So many at once, and so many a second in the long run.

export interface RateLimits {
  /** A second; 0: no limit. */
  readonly rate: number
  /** At once. */
  readonly burst: number
}

export class RateLimiter {
  readonly #limits: RateLimits
  #left: number
  #filledAt: number

  /** All of the burst is there. `now` as of `take`. */
  constructor(limits: RateLimits, now: number) {
    this.#limits = limits
    this.#left = limits.burst
    this.#filledAt = now
  }

  /** `now`: monotonic milliseconds. `count`: not more than may come at once. False: there are not so many, and none was taken. */
  take(now: number, count = 1): boolean {
    const { rate, burst } = this.#limits
    if (rate === 0) return true
    this.#left = Math.min(burst, this.#left + ((now - this.#filledAt) * rate) / 1_000)
    this.#filledAt = now
    if (this.#left < count) return false
    this.#left -= count
    return true
  }
}
