// The port to what orders the channels, over a carrier: follows channels through what the carrier says, hands drafts to it,
// and keeps a part of each channel's history, so that most of what is read of it needs no question.
import type {
  Away,
  Broker,
  BrokerEvents,
  Held,
  NotAppended,
  Ordering,
  Page,
  Unordered,
} from '../engine/owner/broker.ts'
import type { ChannelInspection, InspectOptions } from '../engine/owner/inspection.ts'
import type { Keep } from '../engine/words/namespace.ts'
import type { Offset } from '../engine/words/position.ts'
import { type ChannelName, type Draft, type Published, publicationOf } from '../engine/words/publication.ts'
import type { Clock } from '../std/clock.ts'
import type { Carrier, CarrierEvents } from './carrier.ts'
import { Doubts } from './doubts.ts'
import { decodeEnvelope } from './envelope.ts'
import { Feed } from './feed.ts'
import { FollowedChannels, type FollowedDependencies } from './followed-channels.ts'
import { inspectAtBroker } from './inspecting.ts'
import type { ClusterLimits } from './limits.ts'
import { Presence } from './presence.ts'
import { Publishing } from './publishing.ts'
import { Reads } from './reads.ts'

/** What operators are told of, beside counts. */
export type ClusterNotice =
  | 'broker-away'
  | 'broker-back'
  | 'broker-set-back'
  | 'broker-differs'
  | 'envelope-unreadable'

export interface ClusterBrokerDependencies {
  readonly clock: Clock
  readonly carrier: Carrier
  readonly limits: ClusterLimits
  /** Of this worker, and how many the node has: they share the lanes in which patterns are watched. */
  readonly slot: number
  readonly workers: number
  namespaceOf(channel: ChannelName): Keep
  readonly following?: FollowedDependencies['following']
  notice?(notice: ClusterNotice, fields: Readonly<Record<string, string | number>>): void
}

export class ClusterBroker implements Broker {
  readonly #dependencies: ClusterBrokerDependencies
  readonly #events: BrokerEvents
  readonly #channels: FollowedChannels
  readonly #publishing: Publishing
  readonly #reads: Reads
  readonly #doubts: Doubts
  readonly #presence: Presence
  readonly #feed: Feed
  #away: Away | undefined
  #closed = false
  readonly #counters = { matched: 0, matchedUnreadable: 0 }

  /** What patterns match comes from the broker, whoever published it. */
  readonly isFed = true

  constructor(dependencies: ClusterBrokerDependencies, events: BrokerEvents) {
    this.#dependencies = dependencies
    this.#events = events
    const { clock, carrier, limits, slot, workers } = dependencies
    this.#away = { sinceMs: clock.now(), reason: 'the broker has not been reached yet' }
    this.#channels = this.#follow()
    const { recovery, histories } = this.#channels
    const isUp = (lane: number) => recovery.phaseOf(lane) === 'up'
    const channels = this.#channels
    this.#publishing = new Publishing({ clock, carrier, limits, events, find: name => channels.find(name) })
    this.#reads = new Reads({ clock, carrier, histories, isUp, doubt: channel => channels.doubt(channel) })
    this.#doubts = new Doubts({
      clock,
      carrier,
      isUp,
      quiet: lane => recovery.channelsOf(lane),
      heard: channel => recovery.heard(channel),
      doubt: channel => channels.doubt(channel),
      found: ({ name, next }) => this.#notice('broker-differs', { channel: name, next }),
    })
    this.#presence = new Presence({ clock, carrier, isShared: limits.presence === 'cluster', isUp })
    this.#feed = new Feed({ carrier, slot, workers, patternGap: () => events.patternGap() })
    carrier.start(this.#heard())
  }

  get away(): Away | undefined {
    return this.#away
  }

  publish(draft: Draft, keep: Keep, done: (outcome: Published | NotAppended) => void): void {
    this.#publishing.publish(draft, keep, done)
  }

  publishNext(
    draft: Draft,
    keep: Keep,
    ordering: Ordering,
    done: (outcome: Published | NotAppended | Unordered) => void,
  ): void {
    this.#publishing.publishNext(draft, keep, ordering, done)
  }

  follow(name: ChannelName, held: Held | undefined): void {
    this.#channels.follow(name, held)
  }

  unfollow(name: ChannelName): void {
    const channel = this.#channels.unfollow(name)
    if (channel === undefined) return
    this.#presence.ended(channel)
    this.#reads.forget(channel)
    this.#doubts.forget(channel)
    this.#publishing.moved(channel)
  }

  refresh(name: ChannelName, done: () => void): void {
    const channel = this.#channels.find(name)
    if (channel?.state !== 'followed') done()
    else this.#doubts.refresh(channel, done)
  }

  trim(name: ChannelName, through: Offset): void {
    const { carrier } = this.#dependencies
    this.#channels.trim(name, through)
    // What is kept for too long because the broker is away goes with its time.
    if (this.#channels.recovery.phaseOf(carrier.laneOf(name)) !== 'down') carrier.trim(name, through)
  }

  read(name: ChannelName, from: Offset, to: Offset, done: (page: Page) => void): void {
    const channel = this.#channels.find(name)
    if (channel?.state !== 'followed') done({ from: to, publications: [] })
    else this.#reads.read(channel, from, to, done)
  }

  inspect(
    channel: ChannelName,
    options: InspectOptions,
    done: (outcome: ChannelInspection | 'broker-away') => void,
  ): void {
    const { carrier } = this.#dependencies
    if (this.#channels.recovery.phaseOf(carrier.laneOf(channel)) === 'down') return done('broker-away')
    const bytes = this.#channels.find(channel)?.history?.bytes ?? 0
    inspectAtBroker(carrier, { ...options, channel, bytes }, done)
  }

  count(name: ChannelName, subscribers: number): void {
    const channel = this.#channels.find(name)
    if (channel?.state === 'followed') this.#presence.count(channel, subscribers)
  }

  elsewhere(channel: ChannelName, done: (subscribers: number) => void): void {
    this.#presence.elsewhere(channel, done)
  }

  watch(pattern: string, done: () => void): void {
    this.#feed.watch(pattern, done)
  }

  unwatch(pattern: string): void {
    this.#feed.unwatch(pattern)
  }

  /** Of those that the carrier has. */
  get upLanes(): number {
    let up = 0
    for (let lane = 0; lane < this.#dependencies.carrier.lanes; lane++) {
      if (this.#channels.recovery.phaseOf(lane) === 'up') up++
    }
    return up
  }

  statistics(): Record<string, number> {
    const { carrier } = this.#dependencies
    const { publications, duplicates, ...publishing } = this.#publishing.statistics()
    const own = {
      ...carrier.statistics(),
      ...this.#counters,
      ...this.#channels.statistics(),
      ...publishing,
      ...this.#reads.counters,
      ...this.#doubts.counters,
      ...this.#presence.counters,
      upLanes: this.upLanes,
    }
    const named = Object.fromEntries(Object.entries(own).map(([name, count]) => [`broker.${name}`, count]))
    const { counters, bytes } = this.#channels.histories
    const history = { ...counters, historyBytes: bytes }
    return { publications, duplicates, ...history, ...named }
  }

  /** `done`: the carrier gave up what it held. */
  close(done: () => void = () => {}): void {
    this.#closed = true
    this.#doubts.close()
    this.#presence.close()
    const { carrier } = this.#dependencies
    for (let lane = 0; lane < carrier.lanes; lane++) this.#publishing.down(lane)
    carrier.close(done)
    this.#channels.close()
  }

  #follow(): FollowedChannels {
    const { clock, carrier, limits, namespaceOf, following } = this.#dependencies
    return new FollowedChannels({
      clock,
      carrier,
      events: this.#events,
      continues: limits.acks === 'replica',
      lingerMs: limits.lingerMs,
      historyBytesMax: limits.historyBytesMax,
      namespaceOf,
      ...(following && { following }),
      back: lane => this.#back(lane),
      moved: channel => this.#publishing.moved(channel),
      broke: channel => this.#reads.forget(channel),
      live: channel => this.#doubts.settled(channel),
      odd: ({ name, next }, what) => {
        if (what === 'set-back') this.#notice('broker-set-back', { channel: name, next })
        else this.#notice('envelope-unreadable', { channel: name, why: what })
      },
    })
  }

  /** What the carrier tells. */
  #heard(): CarrierEvents {
    const unlessClosed = (act: () => void) => {
      if (!this.#closed) act()
    }
    return {
      up: lane => unlessClosed(() => this.#up(lane)),
      down: (lane, reason) => unlessClosed(() => this.#down(lane, reason)),
      delivery: (name, epoch, offset, envelope) => {
        if (!this.#closed) this.#channels.delivery(name, epoch, offset, envelope)
      },
      matched: (name, _epoch, offset, envelope) => unlessClosed(() => this.#matched(name, offset, envelope)),
      lost: names => unlessClosed(() => this.#channels.lost(names)),
    }
  }

  #up(lane: number): void {
    this.#feed.up(lane)
    this.#channels.recovery.up(lane)
  }

  #back(lane: number): void {
    this.#away = undefined
    this.#publishing.up(lane)
    this.#reads.back(lane)
    this.#doubts.back(lane)
    this.#presence.back(lane, this.#channels.recovery.channelsOf(lane))
    this.#notice('broker-back', { lane })
  }

  #down(lane: number, reason: string): void {
    const { clock } = this.#dependencies
    const wasUp = this.#channels.recovery.phaseOf(lane) === 'up'
    this.#channels.down(lane)
    this.#feed.down(lane)
    this.#publishing.down(lane)
    if (this.upLanes === 0) this.#away = { sinceMs: this.#away?.sinceMs ?? clock.now(), reason }
    if (wasUp) this.#notice('broker-away', { lane, reason })
  }

  #matched(name: ChannelName, offset: Offset, envelope: Uint8Array): void {
    const body = decodeEnvelope(envelope)
    if (typeof body !== 'string') {
      this.#counters.matched++
      return this.#events.matched(publicationOf(name, offset, body))
    }
    this.#counters.matchedUnreadable++
    this.#notice('envelope-unreadable', { channel: name, why: body })
    this.#events.patternGap()
  }

  #notice(notice: ClusterNotice, fields: Readonly<Record<string, string | number>>): void {
    this.#dependencies.notice?.(notice, fields)
  }
}
