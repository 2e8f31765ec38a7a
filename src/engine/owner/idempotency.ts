// The keys of recent drafts (law 13), per channel and of a whole worker: a repeat gets the first one's position instead
// of another.
import type { Offset } from '../words/position.ts'

export interface IdempotencyLimits {
  readonly idempotencyMs: number
  /** Keys per channel; the oldest is forgotten first. */
  readonly idempotencyKeysMax: number
  /** Memory of the keys of all channels of a worker; the channel that was longest without a new one loses its own first. */
  readonly idempotencyWorkerBytesMax: number
}

/**
 * Bytes that a key costs beside its text: its string, its record and its place in a table that is never full. The
 * process grew by 200 to 250 for each of 800,000 in one channel, after a collection.
 */
const keyBytes = 208

/** Bytes of a channel's keys themselves, that is of an empty table: 207 in the heap for each of 400,000 with one key. */
const tableBytes = 208

export class IdempotencyKeys {
  readonly #limits: IdempotencyLimits
  /** In the order of their publications. */
  readonly #keys = new Map<string, { readonly offset: Offset; readonly expires: number }>()
  /** What they take, the table included. */
  bytes = tableBytes

  constructor(limits: IdempotencyLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#keys.size
  }

  find(key: string, now: number): Offset | undefined {
    const entry = this.#keys.get(key)
    return entry !== undefined && entry.expires > now ? entry.offset : undefined
  }

  /** For a snapshot: keys with the milliseconds that they have left. */
  entries(now: number): (readonly [key: string, offset: number, leftMs: number])[] {
    const live = [...this.#keys].filter(([, { expires }]) => expires > now)
    return live.map(([key, { offset, expires }]) => [key, offset, expires - now] as const)
  }

  /** Returns how many keys had to go before their time. */
  add(key: string, offset: Offset, now: number, lastsMs: number = this.#limits.idempotencyMs): number {
    let forgotten = 0
    this.#delete(key)
    this.#keys.set(key, { offset, expires: now + lastsMs })
    this.bytes += costOf(key)
    for (const [oldest, { expires }] of this.#keys) {
      if (expires > now) {
        if (this.#keys.size <= this.#limits.idempotencyKeysMax) break
        forgotten++
      }
      this.#delete(oldest)
    }
    return forgotten
  }

  /** Drops what is too old. */
  expire(now: number): void {
    for (const [oldest, { expires }] of this.#keys) {
      if (expires > now) break
      this.#delete(oldest)
    }
  }

  /** Drops the oldest until so many bytes are free, as far as there are any, and says how many those were. */
  dropOldest(bytes: number): number {
    const sizeBefore = this.size
    const bytesMax = this.bytes - bytes
    for (const oldest of this.#keys.keys()) {
      if (this.bytes <= bytesMax) break
      this.#delete(oldest)
    }
    return sizeBefore - this.size
  }

  #delete(key: string): void {
    if (this.#keys.delete(key)) this.bytes -= costOf(key)
  }
}

function costOf(key: string): number {
  return Buffer.byteLength(key) + keyBytes
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
  #bytes = 0

  constructor(limits: IdempotencyLimits) {
    this.#limits = limits
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Returns how many keys had to go before their time. `lastsMs`: undefined for a new key. */
  add(holder: KeyHolder, key: string, offset: Offset, now: number, lastsMs?: number): number {
    const bytesBefore = holder.keys?.bytes ?? 0
    const keys = holder.keys ?? new IdempotencyKeys(this.#limits)
    holder.keys = keys
    const forgotten = keys.add(key, offset, now, lastsMs)
    this.#bytes += keys.bytes - bytesBefore
    this.#holders.delete(holder)
    this.#holders.add(holder)
    return forgotten + this.#evict(now)
  }

  /** The channel is forgotten, and its keys with it. */
  forget(holder: KeyHolder): void {
    this.#bytes -= holder.keys?.bytes ?? 0
    this.#holders.delete(holder)
  }

  /** Drops what is too old. */
  expire(now: number): void {
    for (const holder of this.#holders) this.#change(holder, keys => keys.expire(now))
  }

  /** Those of the channel that was longest without a new one go first. */
  #evict(now: number): number {
    let forgotten = 0
    for (const holder of this.#holders) {
      if (this.#bytes <= this.#limits.idempotencyWorkerBytesMax) break
      this.#change(holder, keys => keys.expire(now))
      this.#change(holder, keys => {
        forgotten += keys.dropOldest(this.#bytes - this.#limits.idempotencyWorkerBytesMax)
      })
    }
    return forgotten
  }

  /** A channel without keys has no table either. */
  #change(holder: KeyHolder, change: (keys: IdempotencyKeys) => void): void {
    const { keys } = holder
    if (keys === undefined) return
    const bytesBefore = keys.bytes
    change(keys)
    this.#bytes += keys.bytes - bytesBefore
    if (keys.size > 0) return
    this.#bytes -= keys.bytes
    holder.keys = undefined
    this.#holders.delete(holder)
  }
}
