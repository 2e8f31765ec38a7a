// Patterns that this worker watches in a lane: entered in Redis for a while and renewed, so that whoever publishes sends what
// fits to the lane's feed; what the feed brings for patterns of others is dropped here.
import { matches } from '../../engine/words/pattern.ts'

/** Entries go by themselves when nobody renews them. */
export const leaseMs = 30_000
export const renewMs = 10_000

/** In the whole cluster: each costs every publication a comparison. */
export const patternsMax = 64

export class Patterns {
  readonly #byLane = new Map<number, Map<string, number>>()

  has(lane: number): boolean {
    return this.#byLane.has(lane)
  }

  of(lane: number): readonly string[] {
    return [...(this.#byLane.get(lane)?.keys() ?? [])]
  }

  get lanes(): readonly number[] {
    return [...this.#byLane.keys()]
  }

  get count(): number {
    return Math.max(0, ...[...this.#byLane.values()].map(patterns => patterns.size))
  }

  watch(lane: number, pattern: string, nowMs: number): void {
    const patterns = this.#byLane.get(lane) ?? new Map<string, number>()
    this.#byLane.set(lane, patterns)
    patterns.set(pattern, nowMs)
  }

  /** The server has it until the lease from now ends. False: it had ended before, so something may have been missed. */
  renewed(lane: number, pattern: string, nowMs: number): boolean {
    const patterns = this.#byLane.get(lane)
    const sinceMs = patterns?.get(pattern)
    if (patterns === undefined || sinceMs === undefined) return true
    patterns.set(pattern, nowMs)
    return nowMs - sinceMs < leaseMs
  }

  /** True: it was the last one of the lane. */
  unwatch(lane: number, pattern: string): boolean {
    const patterns = this.#byLane.get(lane)
    if (patterns?.delete(pattern) !== true || patterns.size > 0) return false
    return this.#byLane.delete(lane)
  }

  /** It is down, and nothing is watched in it when it comes back. */
  forget(lane: number): void {
    this.#byLane.delete(lane)
  }

  fits(lane: number, name: string): boolean {
    for (const pattern of this.#byLane.get(lane)?.keys() ?? []) if (matches(pattern, name)) return true
    return false
  }
}
