// A token bucket: so many at once, and so many a second in the long run.

export interface BucketLimits {
  /** A second; 0: no limit. */
  readonly rate: number
  /** At once. */
  readonly burst: number
}

export class Bucket {
  readonly #limits: BucketLimits
  #tokens: number
  #filledAt: number

  /** It is full. `now` as of `take`. */
  constructor(limits: BucketLimits, now: number) {
    this.#limits = limits
    this.#tokens = limits.burst
    this.#filledAt = now
  }

  /** `now`: monotonic milliseconds. False: there is none, and nothing was taken. */
  take(now: number): boolean {
    const { rate, burst } = this.#limits
    if (rate === 0) return true
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) * rate) / 1_000)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
