// The histories of all channels of a worker, and the bound on their bytes together (law 9): the channels longest not
// published to lose theirs first.
import type { Channel } from './channel.ts'
import type { History, HistoryCounters } from './history.ts'
import type { Publication } from './publication.ts'

export class WorkerHistories {
  readonly #bytesMax: number
  /** Channels with something in their history; the longest not published to first. */
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

  /** Keeps a publication, if the channel keeps any. */
  keep(channel: Channel, publication: Publication, now: number): void {
    this.#recount(channel, history => history.push(publication, now))
  }

  restore(channel: Channel, publication: Publication, expires: number): void {
    this.#recount(channel, history => history.restore(publication, expires))
  }

  /** The channel is forgotten, and its history with it. */
  forget(channel: Channel): void {
    this.#kept.delete(channel)
    this.#bytes -= channel.history?.bytes ?? 0
  }

  /** Drops what is too old. */
  expire(now: number): void {
    for (const channel of this.#kept) {
      const before = channel.history?.bytes ?? 0
      channel.history?.expire(now)
      this.#bytes += (channel.history?.bytes ?? 0) - before
      if (channel.history?.size === 0) this.#kept.delete(channel)
    }
  }

  #recount(channel: Channel, change: (history: History) => void): void {
    const { history } = channel
    if (history === undefined) return
    const before = history.bytes
    change(history)
    this.#bytes += history.bytes - before
    this.#kept.delete(channel)
    if (history.size > 0) this.#kept.add(channel)
    this.#evict()
  }

  #evict(): void {
    for (const channel of this.#kept) {
      const history = channel.history
      while (this.#bytes > this.#bytesMax && history !== undefined) {
        const before = history.bytes
        if (!history.dropOldest()) break
        this.#bytes += history.bytes - before
        this.counters.historyEvicted++
      }
      if (this.#bytes <= this.#bytesMax) return
      this.#kept.delete(channel)
    }
  }
}
