// The histories of all channels of a worker, and the bound on their bytes together (law 9): the channels longest not
// published to lose theirs first.

import { LinkedList } from '../../std/linked-list.ts'
import type { Offset } from '../words/position.ts'
import type { Publication } from '../words/publication.ts'
import { History, type HistoryCounters, type HistoryLimits } from './history.ts'

/** A channel, as far as its history goes. */
export interface HistoryOwner<Owner> {
  readonly keep: HistoryLimits
  /** Made by the first publication that is kept, and gone with the last one. */
  history: History<Owner> | undefined
}

export class WorkerHistories<Channel extends HistoryOwner<Channel>> {
  readonly #bytesMax: number
  /**
   * Of the channel longest not published to first. Each publish moves one to the end, so it is no Set: to find the first
   * of that costs a step for each that was moved, and with 100,000 channels a publish took 50 to 180 µs.
   */
  readonly #kept = new LinkedList<History<Channel>>()
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

  /** Channels that have one, in the order in which they would lose it. */
  *channels(): Generator<Channel> {
    for (const { owner } of this.#kept) yield owner
  }

  /** Keeps a publication behind those that are there. A channel has a history only while something is in it. */
  keep(channel: Channel, publication: Publication, expires: number): void {
    const bytesBefore = channel.history?.bytes ?? 0
    const history = channel.history ?? new History(channel, channel.keep, this.counters)
    history.push(publication, expires)
    this.#bytes += history.bytes - bytesBefore
    if (channel.history === undefined) this.#kept.append(history)
    else this.#kept.used(history)
    channel.history = history
    this.#release(history)
    this.#evict()
  }

  /** As many as fit in front of those that are there, which follow the last of them; or of a channel that keeps none. */
  prepend(channel: Channel, publications: readonly Publication[], expires: number): void {
    const bytesBefore = channel.history?.bytes ?? 0
    const history = channel.history ?? new History(channel, channel.keep, this.counters)
    history.prepend(publications, expires)
    this.#bytes += history.bytes - bytesBefore
    if (channel.history === undefined) this.#kept.append(history)
    channel.history = history
    this.#release(history)
    this.#evict()
  }

  /** The channel is forgotten, or what was kept of it does not hold any more. */
  forget(channel: Channel): void {
    if (channel.history === undefined) return
    this.#kept.remove(channel.history)
    this.#bytes -= channel.history.bytes
    channel.history = undefined
  }

  /** Drops what it holds up to there. */
  trim(channel: Channel, through: Offset): void {
    const { history } = channel
    if (history === undefined) return
    const bytesBefore = history.bytes
    for (let { oldest } = history; oldest !== undefined && oldest <= through; oldest = history.oldest)
      history.dropOldest()
    this.#bytes += history.bytes - bytesBefore
    this.#release(history)
  }

  /** Drops what is too old. */
  expire(now: number): void {
    for (let history = this.#kept.first; history !== undefined; ) {
      const { after } = history
      const bytesBefore = history.bytes
      history.expire(now)
      this.#bytes += history.bytes - bytesBefore
      this.#release(history)
      history = after
    }
  }

  #evict(): void {
    while (this.#bytes > this.#bytesMax) {
      const oldest = this.#kept.first
      if (oldest === undefined) return
      const bytesBefore = oldest.bytes
      if (oldest.dropOldest()) this.counters.historyEvicted++
      this.#bytes += oldest.bytes - bytesBefore
      this.#release(oldest)
    }
  }

  #release(history: History<Channel>): void {
    if (history.size > 0) return
    this.#bytes -= history.bytes
    history.owner.history = undefined
    this.#kept.remove(history)
  }
}
