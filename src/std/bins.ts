// How often a number was how large: a histogram as plain counts, which cross threads and add up.

/** Bounds rise; what is above the last one is in `Inf`. */
export class Bins {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  note(value: number): void {
    let at = 0
    while (at < this.#bounds.length && value > (this.#bounds[at] ?? 0)) at++
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.#sum += value
  }

  /** `PREFIX.BOUND`: how many are within that bound and above the one before it; `PREFIX.sum`: all together. */
  statistics(prefix: string): Record<string, number> {
    const counts = [...this.#bounds, 'Inf'].map((bound, at) => [`${prefix}.${bound}`, this.#counts[at] ?? 0])
    return { ...Object.fromEntries(counts), [`${prefix}.sum`]: this.#sum }
  }
}
