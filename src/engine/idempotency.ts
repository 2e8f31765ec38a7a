// The keys of recent drafts of one channel (law 13): a repeat gets the first one's position instead of another.
import type { Offset } from './publication.ts'

export interface IdempotencyLimits {
  readonly idempotencyMs: number
  /** Keys per channel; the oldest is forgotten first. */
  readonly idempotencyKeysMax: number
}

export class IdempotencyKeys {
  readonly #limits: IdempotencyLimits
  /** In the order of their publications. */
  readonly #keys = new Map<string, { readonly offset: Offset; readonly expires: number }>()

  constructor(limits: IdempotencyLimits) {
    this.#limits = limits
  }

  find(key: string, now: number): Offset | undefined {
    const known = this.#keys.get(key)
    return known !== undefined && known.expires > now ? known.offset : undefined
  }

  /** For a snapshot: keys with the milliseconds that they have left. */
  entries(now: number): (readonly [key: string, offset: number, leftMs: number])[] {
    return [...this.#keys].map(([key, { offset, expires }]) => [key, offset, expires - now] as const)
  }

  /** Returns how many keys had to go before their time. */
  add(key: string, offset: Offset, now: number, lastsMs: number = this.#limits.idempotencyMs): number {
    let forgotten = 0
    this.#keys.delete(key)
    this.#keys.set(key, { offset, expires: now + lastsMs })
    for (const [oldest, { expires }] of this.#keys) {
      if (expires > now) {
        if (this.#keys.size <= this.#limits.idempotencyKeysMax) break
        forgotten++
      }
      this.#keys.delete(oldest)
    }
    return forgotten
  }
}
