// The histories of all channels of a worker, and the bound on their bytes together (law 9): the channels longest not
// published to lose theirs first.

import type { Offset } from '../words/position.ts'
import type { Publication } from '../words/publication.ts'
import type { Channel } from './channel.ts'
import { History, type HistoryCounters } from './history.ts'

export class WorkerHistories {
  readonly #bytesMax: number
  /** Channels that have one; the longest not published to first. */
  readonly #kept = new Set<Channel>()
  readonly counters: HistoryCounters & { historyEvicted: number } = {
    historyOverSize: 0,
    historyOverBytes: 0,
    historyExpired: 0,
    historyEvicted: 0,
  }
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  has(channel: Channel): boolean {
    return this.#kept.has(channel)
  }

  /** Those that have one, in the order in which they would lose it. */
  channels(): IterableIterator<Channel> {
    return this.#kept.values()
  }

  /** Keeps a publication behind those that are there. A channel has a history only while something is in it. */
  keep(channel: Channel, publication: Publication, expires: number): void {
    const bytesBefore = channel.history?.bytes ?? 0
    const history = channel.history ?? new History(channel.keep, this.counters)
    history.push(publication, expires)
    channel.history = history
    this.#bytes += history.bytes - bytesBefore
    this.#kept.delete(channel)
    this.#kept.add(channel)
    this.#release(channel)
    this.#evict()
  }

  /** The channel is forgotten, and its history with it. */
  forget(channel: Channel): void {
    this.#kept.delete(channel)
    this.#bytes -= channel.history?.bytes ?? 0
  }

  /** Drops what it holds up to there. */
  trim(channel: Channel, through: Offset): void {
    const { history } = channel
    if (history === undefined) return
    const bytesBefore = history.bytes
    for (let { oldest } = history; oldest !== undefined && oldest <= through; oldest = history.oldest)
      history.dropOldest()
    this.#bytes += history.bytes - bytesBefore
    this.#release(channel)
  }

  /** Drops what is too old. */
  expire(now: number): void {
    for (const channel of this.#kept) {
      const { history } = channel
      const bytesBefore = history?.bytes ?? 0
      history?.expire(now)
      this.#bytes += (history?.bytes ?? 0) - bytesBefore
      this.#release(channel)
    }
  }

  #evict(): void {
    for (const channel of this.#kept) {
      const { history } = channel
      while (this.#bytes > this.#bytesMax && history !== undefined) {
        const bytesBefore = history.bytes
        if (!history.dropOldest()) break
        this.#bytes += history.bytes - bytesBefore
        this.counters.historyEvicted++
      }
      this.#release(channel)
      if (this.#bytes <= this.#bytesMax) return
    }
  }

  #release(channel: Channel): void {
    if (channel.history === undefined || channel.history.size > 0) return
    this.#bytes -= channel.history.bytes
    channel.history = undefined
    this.#kept.delete(channel)
  }
}
