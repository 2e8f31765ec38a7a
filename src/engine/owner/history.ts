// The bounded tail that a channel keeps for recovery: by count, bytes and age. It is contiguous: dropping is always
// from the old end, so it either covers a position or says that it does not.
import type { Linked } from '../../std/linked-list.ts'
import type { Offset } from '../words/position.ts'
import { bodyBytes, ownPublication, type Publication } from '../words/publication.ts'

export interface HistoryLimits {
  readonly historySize: number
  readonly historyBytesMax: number
}

/** What was dropped, by the bound that did it. Shared by all histories of a worker. */
export interface HistoryCounters {
  historyOverSize: number
  historyOverBytes: number
  historyExpired: number
}

interface Entry {
  readonly publication: Publication
  /** By the clock of the history's owner. */
  readonly expires: number
}

/**
 * Bytes that keeping one publication costs beside its payload: 336 of objects in the heap, and behind a payload of more
 * than 64 bytes the record of its buffer and what the allocator adds. The process grew by 562 to 623 bytes beside the
 * payload for each of 800,000 (65 to 1,000 bytes long, in one channel, after a collection), by some 460 for shorter ones.
 */
const entryBytes = 600

/** Bytes of a history itself, its list and its place among the others: what 400,000 of one publication took besides. */
const historyBytes = 256

/** Its neighbours are those among the histories of its worker. */
export class History<Owner = unknown> implements Linked<History<Owner>> {
  /** Whose it is. */
  readonly owner: Owner
  before: History<Owner> | undefined
  after: History<Owner> | undefined
  readonly #limits: HistoryLimits
  readonly #counters: HistoryCounters
  /** Undefined before `#start`: what is dropped must be free. */
  #entries: (Entry | undefined)[] = []
  #start = 0
  /** What it takes, itself included. */
  bytes = historyBytes

  constructor(owner: Owner, limits: HistoryLimits, counters: HistoryCounters) {
    this.owner = owner
    this.#limits = limits
    this.#counters = counters
  }

  get size(): number {
    return this.#entries.length - this.#start
  }

  /** The oldest offset held. */
  get oldest(): Offset | undefined {
    return this.#entries[this.#start]?.publication.offset
  }

  /** Nothing is held across a hole. */
  push(publication: Publication, expires: number): void {
    const { oldest } = this
    if (oldest !== undefined && publication.offset !== oldest + this.size) while (this.size > 0) this.#drop()
    this.#add({ publication: ownPublication(publication), expires })
    this.bytes += costOf(publication)
    while (this.size > this.#limits.historySize) {
      this.#drop()
      this.#counters.historyOverSize++
    }
    while (this.size > 0 && this.bytes > this.#limits.historyBytesMax) {
      this.#drop()
      this.#counters.historyOverBytes++
    }
  }

  /**
   * Puts what comes before those that are held in front of them, as far as there is room. The last one must be the one before
   * the oldest. They go when that does, at the latest.
   */
  prepend(publications: readonly Publication[], expires: number): void {
    const held = this.#held(0, this.size)
    const before: Entry[] = []
    const goes = Math.min(expires, held[0]?.expires ?? expires)
    for (const publication of publications.toReversed()) {
      const bytes = this.bytes + costOf(publication)
      if (held.length + before.length >= this.#limits.historySize || bytes > this.#limits.historyBytesMax)
        break
      before.push({ publication: ownPublication(publication), expires: goes })
      this.bytes = bytes
    }
    if (before.length === 0) return
    this.#entries = [...before.reverse(), ...held]
    this.#start = 0
  }

  /** An empty list that is pushed to makes room for 17, 150 bytes; many a channel keeps only one. */
  #add(entry: Entry): void {
    if (this.size > 0) {
      this.#entries.push(entry)
    } else {
      this.#entries = [entry]
      this.#start = 0
    }
  }

  /** The one at that offset, if it is held. */
  find(offset: number): Publication | undefined {
    const { oldest } = this
    if (oldest === undefined || offset < oldest) return undefined
    return this.#entries[this.#start + (offset - oldest)]?.publication
  }

  /** Everything from offset `from` up to `to`, which is not beyond the next to be given; undefined: some of it is gone. */
  range(from: Offset, to: Offset): readonly Publication[] | undefined {
    if (from === to) return []
    const first = this.oldest
    if (first === undefined || from < first || from > to) return undefined
    return this.#held(from - first, to - first).map(({ publication }) => publication)
  }

  /** Drops what is too old. */
  expire(now: number): void {
    for (let entry = this.#entries[this.#start]; entry !== undefined && entry.expires <= now; ) {
      this.#drop()
      this.#counters.historyExpired++
      entry = this.#entries[this.#start]
    }
  }

  /** Drops the oldest. False: there was none. */
  dropOldest(): boolean {
    if (this.size === 0) return false
    this.#drop()
    return true
  }

  /** For a snapshot: publications with the milliseconds that they have left. */
  entries(now: number): (readonly [publication: Publication, leftMs: number])[] {
    return this.#held(0, this.size).map(({ publication, expires }) => [publication, expires - now] as const)
  }

  /** By their places among those that are held. */
  #held(from: number, to: number): readonly Entry[] {
    return this.#entries.slice(this.#start + from, this.#start + to).filter(entry => entry !== undefined)
  }

  #drop(): void {
    const entry = this.#entries[this.#start]
    if (entry !== undefined) this.bytes -= costOf(entry.publication)
    this.#entries[this.#start++] = undefined
    if (this.#start * 2 < this.#entries.length) return
    this.#entries = this.#entries.slice(this.#start)
    this.#start = 0
  }
}

function costOf(publication: Publication): number {
  return bodyBytes(publication) + entryBytes
}
