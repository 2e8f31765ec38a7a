// The keys of recent drafts (law 13), per channel and of a whole worker: a repeat gets the first one's position instead
// of another.
import type { Offset } from './publication.ts'

export interface IdempotencyLimits {
  readonly idempotencyMs: number
  /** Keys per channel; the oldest is forgotten first. */
  readonly idempotencyKeysMax: number
  /** Keys of all channels of a worker; the channel that was longest without a new one loses its own first. */
  readonly idempotencyWorkerKeysMax: number
}

export class IdempotencyKeys {
  readonly #limits: IdempotencyLimits
  /** In the order of their publications. */
  readonly #keys = new Map<string, { readonly offset: Offset; readonly expires: number }>()

  constructor(limits: IdempotencyLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#keys.size
  }

  find(key: string, now: number): Offset | undefined {
    const known = this.#keys.get(key)
    return known !== undefined && known.expires > now ? known.offset : undefined
  }

  /** For a snapshot: keys with the milliseconds that they have left. */
  entries(now: number): (readonly [key: string, offset: number, leftMs: number])[] {
    const live = [...this.#keys].filter(([, { expires }]) => expires > now)
    return live.map(([key, { offset, expires }]) => [key, offset, expires - now] as const)
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

  /** Drops what is too old, and says how many those were. */
  expire(now: number): number {
    const before = this.size
    for (const [oldest, { expires }] of this.#keys) {
      if (expires > now) break
      this.#keys.delete(oldest)
    }
    return before - this.size
  }

  /** Drops so many of the oldest, as far as there are any, and says how many those were. */
  dropOldest(count: number): number {
    const oldest = [...this.#keys.keys()].slice(0, count)
    for (const key of oldest) this.#keys.delete(key)
    return oldest.length
  }
}

/** A channel, as far as its keys go. */
interface KeyHolder {
  /** Made by the first draft that brings a key, and gone with the last one. */
  keys: IdempotencyKeys | undefined
}

/** The keys of all channels of a worker. */
export class WorkerKeys {
  readonly #limits: IdempotencyLimits
  /** The longest without a new key first. */
  readonly #holders = new Set<KeyHolder>()
  #count = 0

  constructor(limits: IdempotencyLimits) {
    this.#limits = limits
  }

  /** Returns how many keys had to go before their time. `lastsMs`: undefined for a new key. */
  add(holder: KeyHolder, key: string, offset: Offset, now: number, lastsMs?: number): number {
    const keys = holder.keys ?? new IdempotencyKeys(this.#limits)
    holder.keys = keys
    const before = keys.size
    const forgotten = keys.add(key, offset, now, lastsMs)
    this.#count += keys.size - before
    this.#holders.delete(holder)
    this.#holders.add(holder)
    return forgotten + this.#evict(now)
  }

  /** The channel is forgotten, and its keys with it. */
  forget(holder: KeyHolder): void {
    this.#count -= holder.keys?.size ?? 0
    this.#holders.delete(holder)
  }

  /** Drops what is too old. */
  expire(now: number): void {
    for (const holder of this.#holders) this.#expire(holder, now)
  }

  #expire(holder: KeyHolder, now: number): void {
    this.#count -= holder.keys?.expire(now) ?? 0
    this.#release(holder)
  }

  /** Those of the channel that was longest without a new one go first. */
  #evict(now: number): number {
    let forgotten = 0
    for (const holder of this.#holders) {
      if (this.#count <= this.#limits.idempotencyWorkerKeysMax) break
      this.#expire(holder, now)
      const dropped = holder.keys?.dropOldest(this.#count - this.#limits.idempotencyWorkerKeysMax) ?? 0
      this.#count -= dropped
      forgotten += dropped
      this.#release(holder)
    }
    return forgotten
  }

  #release(holder: KeyHolder): void {
    if (holder.keys === undefined || holder.keys.size > 0) return
    holder.keys = undefined
    this.#holders.delete(holder)
  }
}
