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
import { Answers } from './answers.ts'
import type { Appended, AppendSequence, Carrier, CarrierEvents } from './carrier.ts'
import { reachedOf } from './cluster-channel.ts'
import { Doubts } from './doubts.ts'
import { decodeEnvelope, encodeEnvelope } from './envelope.ts'
import { Feed } from './feed.ts'
import { FollowedChannels, type FollowedDependencies } from './followed-channels.ts'
import { inspectAtBroker } from './inspecting.ts'
import { Lanes } from './lanes.ts'
import type { ClusterLimits } from './limits.ts'
import { Presence } from './presence.ts'
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
  readonly #lanes: Lanes
  readonly #answers: Answers
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
    const isConnected = (lane: number) => recovery.phaseOf(lane) !== 'down'
    const channels = this.#channels
    this.#lanes = new Lanes({ clock, carrier, publishBytesMax: limits.publishBytesMax })
    this.#answers = new Answers(clock, limits.timeoutMs)
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
    this.#feed = new Feed({ carrier, slot, workers, isConnected, patternGap: () => events.patternGap() })
    carrier.start(this.#heard())
  }

  get away(): Away | undefined {
    return this.#away
  }

  publish(draft: Draft, keep: Keep, done: (outcome: Published | NotAppended) => void): void {
    this.#publish(draft, keep, undefined, outcome => {
      if (outcome === 'seen' || (typeof outcome === 'object' && 'last' in outcome))
        throw new RangeError(`nothing was said of the order in ${draft.channel}`)
      done(outcome)
    })
  }

  publishNext(
    draft: Draft,
    keep: Keep,
    { isForced, seenMs }: Ordering,
    done: (outcome: Published | NotAppended | Unordered) => void,
  ): void {
    const { id, after, isLoose = false } = draft.sequence ?? {}
    const follows = isForced || isLoose ? undefined : after
    this.#publish(draft, keep, { id, seenMs, after: follows, isLoose }, done)
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
    this.#answers.moved(channel)
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
    const { appends, repeated, ...lanes } = this.#lanes.counters
    const own = {
      ...carrier.statistics(),
      ...this.#counters,
      ...this.#channels.statistics(),
      ...lanes,
      ...this.#answers.counters,
      ...this.#reads.counters,
      ...this.#doubts.counters,
      ...this.#presence.counters,
      upLanes: this.upLanes,
      bytesUnderWay: this.#lanes.bytes,
    }
    const named = Object.fromEntries(Object.entries(own).map(([name, count]) => [`broker.${name}`, count]))
    const { counters, bytes } = this.#channels.histories
    const history = { ...counters, historyBytes: bytes }
    return { publications: appends, duplicates: repeated, ...history, ...named }
  }

  /** `done`: the carrier gave up what it held. */
  close(done: () => void = () => {}): void {
    this.#closed = true
    this.#doubts.close()
    this.#presence.close()
    const { carrier } = this.#dependencies
    for (let lane = 0; lane < carrier.lanes; lane++) this.#lanes.down(lane)
    carrier.close(done)
    this.#channels.close()
  }

  #publish(
    draft: Draft,
    keep: Keep,
    sequence: AppendSequence | undefined,
    done: (outcome: Published | NotAppended | Unordered) => void,
  ): void {
    const { channel } = draft
    const known = this.#channels.find(channel)
    const append = {
      channel,
      envelope: encodeEnvelope(draft),
      historySize: keep.historySize,
      historyTtlMs: keep.historyTtlMs,
      key: draft.idempotencyKey,
      keyTtlMs: this.#dependencies.limits.idempotencyMs,
      reached: known === undefined ? 0 : reachedOf(known),
      sequence,
    }
    this.#lanes.publish(append, outcome => {
      if (typeof outcome === 'string' || 'last' in outcome) done(outcome)
      else this.#appended(channel, outcome, done)
    })
  }

  #appended(name: ChannelName, outcome: Appended, done: (published: Published) => void): void {
    const { epoch, offset, duplicate, elsewhere } = outcome
    const finish = () => {
      done({ epoch, offset, subscribers: this.#events.presence(name) + elsewhere, duplicate })
    }
    const channel = this.#channels.find(name)
    if (channel === undefined) finish()
    else this.#answers.hold(channel, offset, finish)
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
      moved: channel => this.#answers.moved(channel),
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
    this.#lanes.up(lane)
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
    this.#lanes.down(lane)
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
