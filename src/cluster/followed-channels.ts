// The channels that one worker follows at a broker, or followed a moment ago: what is told of each, and the part of its history
// that is kept here.
import type { BrokerEvents, Held } from '../engine/owner/broker.ts'
import { WorkerHistories } from '../engine/owner/worker-histories.ts'
import type { Keep } from '../engine/words/namespace.ts'
import type { Epoch, Offset, Position } from '../engine/words/position.ts'
import type { ChannelName, Publication } from '../engine/words/publication.ts'
import { lastIdAfter } from '../engine/words/sequence.ts'
import type { Clock } from '../std/clock.ts'
import type { Carrier } from './carrier.ts'
import { type ClusterChannel, createClusterChannel, reachedOf } from './cluster-channel.ts'
import { Following, type FollowingOptions, type Ways } from './follower.ts'
import { Lingering } from './lingering.ts'
import { Recovery } from './recovery.ts'

export interface FollowedDependencies {
  readonly clock: Clock
  readonly carrier: Carrier
  readonly events: BrokerEvents
  readonly continues: boolean
  readonly lingerMs: number
  /** Of all histories together. */
  readonly historyBytesMax: number
  namespaceOf(channel: ChannelName): Keep
  /** What tests put in place of the machine that follows channels. */
  following?(ways: Ways<ClusterChannel>, options: FollowingOptions): Following<ClusterChannel>
  /** The lane is up, and all that is followed in it is where the broker is. */
  back(lane: number): void
  /** The channel goes on, or is followed no more. */
  moved(channel: ClusterChannel): void
  /** What was said of its numbering before does not hold any more. */
  broke(channel: ClusterChannel): void
  live(channel: ClusterChannel): void
  odd(channel: ClusterChannel, what: 'set-back' | 'newer' | 'foreign'): void
}

/** How often what is too old is dropped. */
const expireMs = 5_000

export class FollowedChannels {
  readonly #dependencies: FollowedDependencies
  readonly #byName = new Map<ChannelName, ClusterChannel>()
  readonly #following: Following<ClusterChannel>
  readonly #lingering: Lingering
  readonly histories: WorkerHistories<ClusterChannel>
  readonly recovery: Recovery
  readonly #stop: () => void
  #strays = 0

  constructor(dependencies: FollowedDependencies) {
    this.#dependencies = dependencies
    const { clock, carrier, continues, lingerMs, historyBytesMax } = dependencies
    this.histories = new WorkerHistories(historyBytesMax)
    const ways = this.#ways()
    const following = dependencies.following?.(ways, { continues }) ?? new Following(ways, { continues })
    this.#following = following
    this.recovery = new Recovery({ clock, carrier, following, back: lane => dependencies.back(lane) })
    this.#lingering = new Lingering(clock, lingerMs, channel => this.#drop(channel))
    this.#stop = clock.every(expireMs, () => this.histories.expire(clock.now()))
  }

  /** Followed, or kept for a while. */
  find(name: ChannelName): ClusterChannel | undefined {
    return this.#byName.get(name)
  }

  follow(name: ChannelName, held: Held | undefined): void {
    const { carrier, namespaceOf, events } = this.#dependencies
    const known = this.#byName.get(name)
    if (known === undefined) {
      const channel = createClusterChannel(name, carrier.laneOf(name), namespaceOf(name), held?.next)
      this.#byName.set(channel.name, channel)
      this.#following.open(channel)
      this.recovery.add(channel)
      return
    }
    this.#lingering.remove(known)
    known.state = 'followed'
    if (known.asking?.isOpening !== true) events.followed(known.name, placeOf(known), lastIdOf(known))
  }

  /** The channel that was followed. */
  unfollow(name: ChannelName): ClusterChannel | undefined {
    const channel = this.#byName.get(name)
    if (channel?.state !== 'followed') return undefined
    channel.state = 'lingers'
    if (this.recovery.phaseOf(channel.lane) === 'down') this.#drop(channel)
    else this.#lingering.add(channel)
    return channel
  }

  /** It may be behind the broker. */
  doubt(channel: ClusterChannel): void {
    this.#following.doubt(channel)
  }

  delivery(name: ChannelName, epoch: Epoch, offset: Offset, envelope: Uint8Array): void {
    const channel = this.#byName.get(name)
    if (channel === undefined) this.#strays++
    else this.#following.delivery(channel, epoch, offset, envelope)
  }

  /** The broker ended these subscriptions. */
  lost(names: readonly ChannelName[]): void {
    for (const name of names) {
      const channel = this.#byName.get(name)
      if (channel !== undefined) this.recovery.lost(channel)
    }
  }

  down(lane: number): void {
    this.recovery.down(lane)
    this.#lingering.dropLane(lane)
  }

  trim(name: ChannelName, through: Offset): void {
    const channel = this.#byName.get(name)
    if (channel !== undefined && through < channel.next) this.histories.trim(channel, through)
  }

  statistics(): Record<string, number> {
    return {
      ...this.#following.counters,
      ...this.recovery.counters,
      strays: this.#strays,
      followed: this.#byName.size - this.#lingering.size,
      lingering: this.#lingering.size,
    }
  }

  close(): void {
    this.#stop()
    for (const channel of this.#byName.values()) {
      channel.state = 'gone'
      this.#dependencies.moved(channel)
    }
  }

  #drop(channel: ClusterChannel): void {
    channel.state = 'gone'
    this.#byName.delete(channel.name)
    this.histories.forget(channel)
    this.recovery.remove(channel)
  }

  #ways(): Ways<ClusterChannel> {
    const { carrier, events, moved, live, odd } = this.#dependencies
    return {
      wants: channel => this.recovery.wants(channel),
      ask: (channel, done) => carrier.ask(channel.name, reachedOf(channel), done),
      read: (channel, epoch, from, to, done) => carrier.read(channel.name, epoch, from, to, done),
      opened: (channel, lastId) => {
        if (channel.state === 'followed') events.followed(channel.name, placeOf(channel), lastId)
        moved(channel)
      },
      publication: (channel, publication) => this.#publication(channel, publication),
      gap: (channel, lastId) => {
        this.histories.forget(channel)
        if (channel.state === 'followed') events.gap(channel.name, placeOf(channel), lastId)
        this.#broke(channel)
      },
      renumbered: (channel, from) => {
        this.histories.forget(channel)
        if (channel.state === 'followed') events.renumbered(channel.name, from, placeOf(channel))
        this.#broke(channel)
      },
      odd,
      settled: channel => {
        this.recovery.settled(channel)
        if (channel.asking === undefined) live(channel)
      },
    }
  }

  #publication(channel: ClusterChannel, publication: Publication): void {
    const { clock, events, moved } = this.#dependencies
    const { keep } = channel
    this.recovery.heard(channel)
    if (keep.historySize > 0) this.histories.keep(channel, publication, clock.now() + keep.historyTtlMs)
    if (channel.state === 'followed') events.publication(publication)
    moved(channel)
  }

  #broke(channel: ClusterChannel): void {
    this.#dependencies.broke(channel)
    this.#dependencies.moved(channel)
  }
}

/** Of what comes next. */
function placeOf({ epoch, next }: ClusterChannel): Position {
  return { epoch, offset: next }
}

/** As far as the last one that is kept says. */
function lastIdOf({ history, next }: ClusterChannel): string | undefined {
  return lastIdAfter(undefined, history?.find(next - 1)?.sequence)
}
