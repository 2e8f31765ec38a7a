// The port to what orders the channels, over a carrier: follows channels through what the carrier says, hands drafts to it,
// and keeps a part of each channel's history, so that most of what is read of it needs no question.
import type { Away, Broker, BrokerEvents, Held, NotAppended, Page } from '../engine/owner/broker.ts'
import type { ChannelInspection, InspectOptions } from '../engine/owner/inspection.ts'
import { WorkerHistories } from '../engine/owner/worker-histories.ts'
import type { Keep } from '../engine/words/namespace.ts'
import type { Offset } from '../engine/words/position.ts'
import {
  type ChannelName,
  type Draft,
  type Publication,
  type Published,
  publicationOf,
} from '../engine/words/publication.ts'
import type { Clock } from '../std/clock.ts'
import { Answers } from './answers.ts'
import type { Appended, Carrier, CarrierEvents } from './carrier.ts'
import { type ClusterChannel, createClusterChannel, reachedOf } from './cluster-channel.ts'
import { Doubts } from './doubts.ts'
import { decodeEnvelope, encodeEnvelope } from './envelope.ts'
import { Feed } from './feed.ts'
import { Following, type FollowingOptions, type Ways } from './follower.ts'
import { inspectAtBroker } from './inspecting.ts'
import { Lanes } from './lanes.ts'
import { Lingering } from './lingering.ts'
import { Presence } from './presence.ts'
import { Reads } from './reads.ts'
import { Recovery } from './recovery.ts'

export interface ClusterLimits {
  /** How long a publisher's answer waits for its own node at most. */
  readonly timeoutMs: number
  /** `replica`: what is acknowledged is known to a replica. */
  readonly acks: 'master' | 'replica'
  /** Of all drafts that wait or are under way. */
  readonly publishBytesMax: number
  /** How long a channel is followed that nobody here follows any more. */
  readonly lingerMs: number
  /** How long a key counts. */
  readonly idempotencyMs: number
  /** Of all histories of this worker. */
  readonly historyBytesMax: number
  /** `node`: nodes do not count subscribers for each other. */
  readonly presence: 'cluster' | 'node'
}

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
  /** What tests put in place of the machine that follows channels. */
  following?(ways: Ways<ClusterChannel>, options: FollowingOptions): Following<ClusterChannel>
  notice?(notice: ClusterNotice, fields: Readonly<Record<string, string | number>>): void
}

/** How often what is too old is dropped. */
const expireMs = 5_000

export class ClusterBroker implements Broker {
  readonly #dependencies: ClusterBrokerDependencies
  readonly #events: BrokerEvents
  readonly #channels = new Map<ChannelName, ClusterChannel>()
  readonly #histories: WorkerHistories<ClusterChannel>
  readonly #following: Following<ClusterChannel>
  readonly #recovery: Recovery
  readonly #lanes: Lanes
  readonly #answers: Answers
  readonly #reads: Reads
  readonly #doubts: Doubts
  readonly #presence: Presence
  readonly #feed: Feed
  readonly #lingering: Lingering
  readonly #stop: () => void
  #away: Away | undefined
  #closed = false
  readonly #counters = { strays: 0, matched: 0, matchedUnreadable: 0 }

  /** What patterns match comes from the broker, whoever published it. */
  readonly isFed = true

  constructor(dependencies: ClusterBrokerDependencies, events: BrokerEvents) {
    this.#dependencies = dependencies
    this.#events = events
    const { clock, carrier, limits, slot, workers } = dependencies
    this.#away = { sinceMs: clock.now(), reason: 'the broker has not been reached yet' }
    const isUp = (lane: number) => this.#recovery.phaseOf(lane) === 'up'
    const isConnected = (lane: number) => this.#recovery.phaseOf(lane) !== 'down'
    const doubt = (channel: ClusterChannel) => this.#following.doubt(channel)
    this.#histories = new WorkerHistories(limits.historyBytesMax)
    const follows = { continues: limits.acks === 'replica' }
    this.#following = dependencies.following?.(this.#ways(), follows) ?? new Following(this.#ways(), follows)
    const following = this.#following
    this.#recovery = new Recovery({ clock, carrier, following, back: lane => this.#back(lane) })
    this.#lanes = new Lanes({ clock, carrier, publishBytesMax: limits.publishBytesMax })
    this.#answers = new Answers(clock, limits.timeoutMs)
    this.#reads = new Reads({ clock, carrier, histories: this.#histories, isUp, doubt })
    this.#doubts = new Doubts({
      clock,
      carrier,
      isUp,
      quiet: lane => this.#recovery.channelsOf(lane),
      heard: channel => this.#recovery.channelsOf(channel.lane).used(channel),
      doubt,
      found: ({ name, next }) => this.#notice('broker-differs', { channel: name, next }),
    })
    this.#presence = new Presence({ clock, carrier, isShared: limits.presence === 'cluster', isUp })
    this.#feed = new Feed({ carrier, slot, workers, isConnected, patternGap: () => events.patternGap() })
    this.#lingering = new Lingering(clock, limits.lingerMs, channel => this.#drop(channel))
    this.#stop = clock.every(expireMs, () => this.#histories.expire(clock.now()))
    carrier.start(this.#heard())
  }

  get away(): Away | undefined {
    return this.#away
  }

  publish(draft: Draft, keep: Keep, done: (outcome: Published | NotAppended) => void): void {
    const { channel } = draft
    const known = this.#channels.get(channel)
    const append = {
      channel,
      envelope: encodeEnvelope(draft),
      historySize: keep.historySize,
      historyTtlMs: keep.historyTtlMs,
      key: draft.idempotencyKey,
      keyTtlMs: this.#dependencies.limits.idempotencyMs,
      reached: known === undefined ? 0 : reachedOf(known),
      sequence: undefined,
    }
    this.#lanes.publish(append, outcome => {
      if (typeof outcome === 'string') done(outcome)
      else this.#appended(channel, outcome, done)
    })
  }

  follow(name: ChannelName, held: Held | undefined): void {
    const known = this.#channels.get(name)
    if (known === undefined) {
      const lane = this.#dependencies.carrier.laneOf(name)
      const keep = this.#dependencies.namespaceOf(name)
      const channel = createClusterChannel(name, lane, keep, held?.next)
      this.#channels.set(channel.name, channel)
      this.#following.open(channel)
      this.#recovery.add(channel)
      return
    }
    this.#lingering.remove(known)
    known.state = 'followed'
    if (known.asking?.isOpening !== true)
      this.#events.followed(known.name, { epoch: known.epoch, offset: known.next })
  }

  unfollow(name: ChannelName): void {
    const channel = this.#channels.get(name)
    if (channel?.state !== 'followed') return
    channel.state = 'lingers'
    if (this.#recovery.phaseOf(channel.lane) === 'down') this.#drop(channel)
    else this.#lingering.add(channel)
    this.#presence.ended(channel)
    this.#reads.forget(channel)
    this.#doubts.forget(channel)
    this.#answers.moved(channel)
  }

  refresh(name: ChannelName, done: () => void): void {
    const channel = this.#channels.get(name)
    if (channel?.state !== 'followed') done()
    else this.#doubts.refresh(channel, done)
  }

  trim(name: ChannelName, through: Offset): void {
    const { carrier } = this.#dependencies
    const channel = this.#channels.get(name)
    if (channel !== undefined && through < channel.next) this.#histories.trim(channel, through)
    // What is kept for too long because the broker is away goes with its time.
    if (this.#recovery.phaseOf(carrier.laneOf(name)) !== 'down') carrier.trim(name, through)
  }

  read(name: ChannelName, from: Offset, to: Offset, done: (page: Page) => void): void {
    const channel = this.#channels.get(name)
    if (channel?.state !== 'followed') done({ from: to, publications: [] })
    else this.#reads.read(channel, from, to, done)
  }

  inspect(
    channel: ChannelName,
    options: InspectOptions,
    done: (outcome: ChannelInspection | 'broker-away') => void,
  ): void {
    const { carrier } = this.#dependencies
    if (this.#recovery.phaseOf(carrier.laneOf(channel)) === 'down') return done('broker-away')
    const bytes = this.#channels.get(channel)?.history?.bytes ?? 0
    inspectAtBroker(carrier, { ...options, channel, bytes }, done)
  }

  count(name: ChannelName, subscribers: number): void {
    const channel = this.#channels.get(name)
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
      if (this.#recovery.phaseOf(lane) === 'up') up++
    }
    return up
  }

  statistics(): Record<string, number> {
    const { carrier } = this.#dependencies
    const { appends, repeated, ...lanes } = this.#lanes.counters
    const own = {
      ...carrier.statistics(),
      ...this.#counters,
      ...this.#following.counters,
      ...this.#recovery.counters,
      ...lanes,
      ...this.#answers.counters,
      ...this.#reads.counters,
      ...this.#doubts.counters,
      ...this.#presence.counters,
      upLanes: this.upLanes,
      followed: this.#channels.size - this.#lingering.size,
      lingering: this.#lingering.size,
      bytesUnderWay: this.#lanes.bytes,
    }
    const named = Object.fromEntries(Object.entries(own).map(([name, count]) => [`broker.${name}`, count]))
    const history = { ...this.#histories.counters, historyBytes: this.#histories.bytes }
    return { publications: appends, duplicates: repeated, ...history, ...named }
  }

  /** `done`: the carrier gave up what it held. */
  close(done: () => void = () => {}): void {
    this.#closed = true
    this.#stop()
    this.#doubts.close()
    this.#presence.close()
    const { carrier } = this.#dependencies
    for (let lane = 0; lane < carrier.lanes; lane++) this.#lanes.down(lane)
    carrier.close(done)
    for (const channel of this.#channels.values()) {
      channel.state = 'gone'
      this.#answers.moved(channel)
    }
  }

  #appended(name: ChannelName, outcome: Appended, done: (published: Published) => void): void {
    const { epoch, offset, duplicate, elsewhere } = outcome
    const finish = () => {
      done({ epoch, offset, subscribers: this.#events.presence(name) + elsewhere, duplicate })
    }
    const channel = this.#channels.get(name)
    if (channel === undefined) finish()
    else this.#answers.hold(channel, offset, finish)
  }

  #drop(channel: ClusterChannel): void {
    channel.state = 'gone'
    this.#channels.delete(channel.name)
    this.#histories.forget(channel)
    this.#recovery.remove(channel)
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
        const channel = this.#channels.get(name)
        if (channel === undefined || this.#closed) this.#counters.strays++
        else this.#following.delivery(channel, epoch, offset, envelope)
      },
      matched: (name, _epoch, offset, envelope) => unlessClosed(() => this.#matched(name, offset, envelope)),
      lost: names =>
        unlessClosed(() => {
          for (const name of names) {
            const channel = this.#channels.get(name)
            if (channel !== undefined) this.#recovery.lost(channel)
          }
        }),
    }
  }

  #up(lane: number): void {
    this.#feed.up(lane)
    this.#recovery.up(lane)
  }

  #back(lane: number): void {
    this.#away = undefined
    this.#lanes.up(lane)
    this.#reads.back(lane)
    this.#doubts.back(lane)
    this.#presence.back(lane, this.#recovery.channelsOf(lane))
    this.#notice('broker-back', { lane })
  }

  #down(lane: number, reason: string): void {
    const { clock, carrier } = this.#dependencies
    const wasUp = this.#recovery.phaseOf(lane) === 'up'
    this.#recovery.down(lane)
    this.#feed.down(lane)
    this.#lanes.down(lane)
    this.#lingering.dropLane(lane)
    const isAway = Array.from({ length: carrier.lanes }).every(
      (_, each) => this.#recovery.phaseOf(each) !== 'up',
    )
    if (isAway) this.#away = { sinceMs: this.#away?.sinceMs ?? clock.now(), reason }
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

  #ways(): Ways<ClusterChannel> {
    const { carrier } = this.#dependencies
    return {
      wants: channel => this.#recovery.wants(channel),
      ask: (channel, done) => carrier.ask(channel.name, reachedOf(channel), done),
      read: (channel, epoch, from, to, done) => carrier.read(channel.name, epoch, from, to, done),
      opened: channel => {
        if (channel.state === 'followed')
          this.#events.followed(channel.name, { epoch: channel.epoch, offset: channel.next })
        this.#answers.moved(channel)
      },
      publication: (channel, publication) => this.#publication(channel, publication),
      gap: channel => {
        this.#histories.forget(channel)
        const next = { epoch: channel.epoch, offset: channel.next }
        if (channel.state === 'followed') this.#events.gap(channel.name, next)
        this.#elsewhere(channel)
      },
      renumbered: (channel, from) => {
        this.#histories.forget(channel)
        const to = { epoch: channel.epoch, offset: channel.next }
        if (channel.state === 'followed') this.#events.renumbered(channel.name, from, to)
        this.#elsewhere(channel)
      },
      odd: ({ name, next }, what) => {
        if (what === 'set-back') this.#notice('broker-set-back', { channel: name, next })
        else this.#notice('envelope-unreadable', { channel: name, why: what })
      },
      settled: channel => {
        this.#recovery.settled(channel)
        if (channel.asking === undefined) this.#doubts.settled(channel)
      },
    }
  }

  #publication(channel: ClusterChannel, publication: Publication): void {
    const { keep } = channel
    this.#recovery.channelsOf(channel.lane).used(channel)
    if (keep.historySize > 0)
      this.#histories.keep(channel, publication, this.#dependencies.clock.now() + keep.historyTtlMs)
    if (channel.state === 'followed') this.#events.publication(publication)
    this.#answers.moved(channel)
  }

  /** What was being read of the numbering before does not hold any more. */
  #elsewhere(channel: ClusterChannel): void {
    this.#reads.forget(channel)
    this.#answers.moved(channel)
  }

  #notice(notice: ClusterNotice, fields: Readonly<Record<string, string | number>>): void {
    this.#dependencies.notice?.(notice, fields)
  }
}
