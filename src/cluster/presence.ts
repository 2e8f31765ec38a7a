// Subscribers over nodes: this node's are told to the broker a little later and only where they changed; those of the others
// are asked for, and what was answered holds for a moment.

import type { ChannelName } from '../engine/words/publication.ts'
import type { Clock } from '../std/clock.ts'
import type { Carrier } from './carrier.ts'
import type { ClusterChannel } from './cluster-channel.ts'

/** How often a channel's count is told at most. */
const tellMs = 1_000

/** Of a worker at a time, a quarter of a second apart where there are more: 8,000 a second. */
const toldMax = 2_000
const moreMs = 250

/** Channels that ended while their lane was down, and of which the broker still has a count; of the others it keeps that. */
const owedMax = 100_000

/** How long an answer holds. */
const holdsMs = 2_000

/** Channels of which an answer is kept. */
const keptMax = 10_000

interface Known {
  subscribers: number
  /** Until when it holds, by the clock. */
  until: number
  /** Undefined: nobody is asking. */
  waiting: ((subscribers: number) => void)[] | undefined
}

export interface PresenceOptions {
  readonly clock: Pick<Clock, 'now' | 'after'>
  readonly carrier: Carrier
  /** False: nodes do not count for each other. */
  readonly isShared: boolean
  isUp(lane: number): boolean
}

export class Presence {
  readonly #options: PresenceOptions
  readonly #changed = new Map<ClusterChannel, number>()
  /** Nobody of this node has these any more, and the broker was not told. */
  readonly #owed = new Set<ChannelName>()
  readonly #elsewhere = new Map<ChannelName, Known>()
  #armed = false
  #closed = false
  readonly counters = { countsTold: 0, presenceAsked: 0 }

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  count(channel: ClusterChannel, subscribers: number): void {
    if (!this.#options.isShared) return
    if (subscribers === channel.told) this.#changed.delete(channel)
    else this.#changed.set(channel, subscribers)
    this.#arm(tellMs)
  }

  /** Nobody of this node has it any more, or it is gone. */
  ended(channel: ClusterChannel): void {
    this.#changed.delete(channel)
    if (channel.told === 0) return
    if (this.#options.isUp(channel.lane)) this.#tell(channel, 0)
    else if (this.#owed.size < owedMax) this.#owed.add(channel.name)
  }

  /** The broker may have lost what it was told of these, and was not told of all. */
  back(lane: number, channels: Iterable<ClusterChannel>): void {
    const { carrier } = this.#options
    for (const name of this.#owed) {
      if (carrier.laneOf(name) !== lane) continue
      this.#owed.delete(name)
      carrier.count(name, 0)
    }
    for (const channel of channels) this.#again(channel)
  }

  #again(channel: ClusterChannel): void {
    if (channel.told === 0) return
    const subscribers = this.#changed.get(channel) ?? channel.told
    channel.told = 0
    this.count(channel, subscribers)
  }

  elsewhere(channel: ChannelName, done: (subscribers: number) => void): void {
    const { carrier, clock, isShared, isUp } = this.#options
    if (!isShared) return done(0)
    const known = this.#elsewhere.get(channel) ?? this.#note(channel)
    if (known.waiting !== undefined) return void known.waiting.push(done)
    if (known.until > clock.now() || !isUp(carrier.laneOf(channel))) return done(known.subscribers)
    known.waiting = [done]
    this.counters.presenceAsked++
    carrier.elsewhere(channel, subscribers => {
      if (subscribers !== 'away') {
        known.subscribers = subscribers
        known.until = clock.now() + holdsMs
      }
      const waiting = known.waiting ?? []
      known.waiting = undefined
      for (const each of waiting) each(known.subscribers)
    })
  }

  close(): void {
    this.#closed = true
  }

  #note(channel: ChannelName): Known {
    const known: Known = { subscribers: 0, until: Number.NEGATIVE_INFINITY, waiting: undefined }
    this.#elsewhere.set(channel, known)
    // The oldest goes; who waits for it is answered all the same.
    for (const [oldest] of this.#elsewhere) {
      if (this.#elsewhere.size <= keptMax) break
      this.#elsewhere.delete(oldest)
    }
    return known
  }

  #arm(ms: number): void {
    if (this.#armed || this.#changed.size === 0) return
    this.#armed = true
    this.#options.clock.after(ms, () => {
      this.#armed = false
      if (!this.#closed) this.#tellAll()
    })
  }

  #tellAll(): void {
    let told = 0
    for (const [channel, subscribers] of this.#changed) {
      if (told === toldMax) break
      if (!this.#options.isUp(channel.lane)) continue
      told++
      this.#changed.delete(channel)
      this.#tell(channel, subscribers)
    }
    this.#arm(told === toldMax ? moreMs : tellMs)
  }

  #tell(channel: ClusterChannel, subscribers: number): void {
    channel.told = subscribers
    this.counters.countsTold++
    this.#options.carrier.count(channel.name, subscribers)
  }
}
