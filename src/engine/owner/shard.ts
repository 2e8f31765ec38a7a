// The channels that one worker owns, as a whole: who may publish, the broker that gives each draft its place, and the
// spread of what it became over hubs and patterns (law 4).
import { type ChannelNamespace, mayPublish } from '../words/access.ts'
import type { Each } from '../words/each.ts'
import type { Attach, Slot } from '../words/link.ts'
import type { Keep } from '../words/namespace.ts'
import type { HubPort } from '../words/ports.ts'
import type { Offset } from '../words/position.ts'
import { isNodeChannel } from '../words/private.ts'
import {
  type ChannelName,
  type Draft,
  type Published,
  packDraft,
  type Unplaced,
  unpackDraft,
} from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'
import { attendanceOf } from './attendance.ts'
import type { Broker, BrokerEvents, Ordering, Unordered } from './broker.ts'
import type { ChannelsDependencies } from './channels.ts'
import type { EachDone } from './eaches.ts'
import { none } from './followed.ts'
import { GroupPublishing } from './group-publishing.ts'
import type { Inspection, InspectOptions } from './inspection.ts'
import { JoinedSequencer } from './joined-sequencer.ts'
import { Ledger } from './ledger.ts'
import { NodeBroker } from './node-broker.ts'
import { Sequencer } from './sequencer.ts'
import { Sequencers } from './sequencers.ts'
import type { SequencerLimits } from './sequencing.ts'
import type { ChannelSnapshot } from './snapshot.ts'
import { Spread } from './spread.ts'

/** What stands between a worker and its ledger, in both directions. */
export interface Between {
  broker(ledger: Broker): Broker
  events(spread: BrokerEvents): BrokerEvents
}

export interface ShardDependencies extends ChannelsDependencies {
  /** Undefined while no link leads to that worker. */
  hub(slot: Slot): HubPort | undefined
  namespaceOf(channel: ChannelName): ChannelNamespace
  readonly between?: Between | undefined
  /** What orders the channels in place of a ledger of this worker's own; see `EngineDependencies`. */
  readonly broker?: ((events: BrokerEvents) => Broker) | undefined
  readonly sequencing: SequencerLimits
  /** See `SpreadDependencies`. */
  readonly pressedBytesMax?: number | undefined
  /** See `EngineDependencies`. */
  interest?(channel: ChannelName, on: boolean, lingerMs: number): void
}

export class Shard {
  readonly #dependencies: ShardDependencies
  /** Of all channels, or where nodes are joined of those that are this one's own. */
  readonly #ledger: Ledger
  readonly spread: Spread
  readonly sequencers: Sequencers
  readonly #broker: Broker
  readonly #groups: GroupPublishing
  #underWay = 0
  readonly counters = {
    'refused.overloaded': 0,
    'refused.not-allowed': 0,
    inspections: 0,
  }

  constructor(dependencies: ShardDependencies) {
    this.#dependencies = dependencies
    const { clock, hub, namespaceOf, between, sequencing } = dependencies
    this.spread = new Spread({
      hub,
      namespaceOf,
      broker: () => this.#groups.joined ?? this.#broker,
      attendance: attendanceOf(() => this.sequencers, dependencies.interest?.bind(dependencies)),
      // A ledger that answers at once publishes nothing to a hub that holds too much.
      pressedBytesMax: (dependencies.broker ?? between) && dependencies.pressedBytesMax,
    })
    const presence = (channel: ChannelName) => this.spread.presence(channel)
    const own = new Sequencer({
      clock,
      limits: sequencing,
      isFollowed: channel => this.spread.find(channel) !== undefined,
      presence,
      append: (draft, done) => this.#append(draft, done),
    })
    const joint =
      dependencies.broker &&
      new JoinedSequencer({
        clock,
        limits: sequencing,
        presence,
        append: (draft, ordering, done) => this.#appendNext(draft, ordering, done),
      })
    this.sequencers = new Sequencers(own, joint)
    this.#groups = new GroupPublishing({
      clock,
      hub,
      spread: this.spread,
      isJoined: dependencies.broker !== undefined,
      broker: () => this.#broker,
      publish: (draft, keyMs, done) => this.#publish(draft, done, keyMs),
      append: (draft, keep, done) => this.#append(draft, done, keep),
    })
    this.#ledger = new Ledger(dependencies, between?.events(this.spread) ?? this.spread)
    const ledger = between?.broker(this.#ledger) ?? this.#ledger
    const joined = dependencies.broker?.(this.#groups.joined?.events ?? this.spread)
    this.#broker = joined === undefined ? ledger : new NodeBroker(ledger, joined)
  }

  /** Calls `done` exactly once, after the hubs were given it; possibly before this returns. */
  publish(draft: Draft, done: (outcome: Published | Unplaced | Refusal) => void): void {
    this.#groups.settle(draft.channel)
    this.#publish(draft, done)
  }

  #publish(
    draft: Draft,
    done: (outcome: Published | Unplaced | Refusal) => void,
    keyMs?: number | undefined,
  ): void {
    const { channel, via, sequence } = draft
    const followed = this.spread.find(channel)
    const namespace = followed?.namespace ?? this.#dependencies.namespaceOf(channel)
    // Before the broker hears of it: whoever may not use a channel must not make one.
    if (!mayPublish(namespace, via)) return this.#refuse('not-allowed', done)
    for (const hub of followed?.hubs ?? none)
      if (hub.pressed !== undefined) return this.#refuse('overloaded', done)
    const keep = keyMs === undefined ? namespace : { ...namespace, keyMs }
    if (sequence === undefined) this.#append(draft, done, keep)
    else this.sequencers.of(channel).publish(draft, sequence, done)
  }

  /**
   * To each private channel of the group that a hub is attached to now. `done` gets how many took it, and whether all others
   * never will; once, possibly before this returns.
   */
  publishEach(each: Each, done: EachDone): void {
    this.#groups.publish(each, done)
  }

  /**
   * The same on all nodes that are joined: what joins them has it, and whoever of their workers owns such channels is about to be
   * told. Undefined: no nodes are. `done` is called once, with why it is not so.
   */
  get publishEachJoined(): ((each: Each, done: (refusal: Refusal | undefined) => void) => void) | undefined {
    const { joined } = this.#groups
    return joined && ((each, done) => joined.publish(each, done))
  }

  /** See `Broker`. */
  get isFed(): boolean {
    return this.#broker.isFed
  }

  /** Publishes that the broker has not answered yet, or was not asked: a ledger answers at once. */
  get underWay(): number {
    return this.#underWay + this.#groups.waiting + this.sequencers.pending
  }

  /** Makes no record of a channel that has none. Calls `done` exactly once, possibly before this returns. */
  inspect(
    name: ChannelName,
    options: InspectOptions,
    done: (outcome: Inspection | 'broker-away') => void,
  ): void {
    this.counters.inspections++
    this.#broker.inspect(name, options, outcome => {
      if (typeof outcome === 'string') return done(outcome)
      this.presence(name, subscribers => done({ ...outcome, subscribers }))
    })
  }

  /** Subscribers of the channel on all nodes. */
  presence(name: ChannelName, done: (subscribers: number) => void): void {
    this.#broker.elsewhere(name, elsewhere => done(this.spread.presence(name) + elsewhere))
  }

  /** Nobody wants what is kept of the channel up to there. */
  trim(channel: ChannelName, through: Offset): void {
    this.#broker.trim(channel, through)
  }

  /** Before a farewell: the channels for which it must not vouch to `slot`; undefined: it can vouch for none. */
  behind(slot: Slot): readonly string[] | undefined {
    return this.#ledger.torn ? undefined : this.spread.behind(slot)
  }

  /** Before the snapshot of a node that stops: what is held of drafts gets its place. */
  close(): void {
    this.sequencers.close()
  }

  /** After its farewell: nothing gets a place any more. */
  retire(): void {
    this.#groups.retire()
    this.sequencers.retire()
  }

  /** What the hubs know of a lost owner's numbering, before any of them attaches. See `Ledger`. */
  adopt(attaches: readonly Attach[]): void {
    this.#ledger.adopt(this.#isJoined ? attaches.filter(([name]) => isNodeChannel(name)) : attaches)
  }

  /** Other nodes own some channels from now on: nothing is kept of them. */
  release(): void {
    this.#ledger.release()
  }

  /** Each channel with what is said of its order; that alone, where numbering and history are not this worker's. */
  snapshot(): readonly ChannelSnapshot[] {
    const orders = this.sequencers.snapshot()
    const ordered = [...orders.keys()]
    for (const name of ordered) if (this.#isOwn(name)) this.#ledger.ensure(name)
    const others = ordered.filter(name => !this.#isOwn(name)).map(orderAlone)
    return [...this.#ledger.snapshot(), ...others].map(channel => {
      const order = orders.get(channel[0])
      if (order === undefined) return channel
      const held = order.held.map(([waitedMs, draft]) => [waitedMs, packDraft(draft)] as const)
      const [name, epoch, first, next, kept, keys] = channel
      return [name, epoch, first, next, kept, keys, [order.last, held, order.seen, order.lingerMs]]
    })
  }

  /** Before anything is published. */
  restore(snapshots: readonly ChannelSnapshot[], goneMs: number): void {
    const own = this.#isJoined ? snapshots.filter(([name]) => this.#isOwn(name)) : snapshots
    this.#ledger.restore(own, goneMs)
    for (const [name, , , , , , order] of snapshots) {
      if (order === undefined) continue
      const [last, packed, seen, lingerMs] = order
      const held = packed.map(([waitedMs, draft]) => [waitedMs, unpackDraft(draft)] as const)
      const parsed = name as ChannelName // it was parsed before it was written
      this.sequencers.of(parsed).restore(parsed, { last, held, seen, lingerMs }, goneMs)
    }
  }

  statistics(): Record<string, number> {
    return {
      ...this.counters,
      ...this.#groups.joined?.counters,
      ...this.spread.statistics(),
      ...this.#broker.statistics(),
      ...this.sequencers.statistics(),
    }
  }

  get #isJoined(): boolean {
    return this.#dependencies.broker !== undefined
  }

  /** Its numbering is this worker's. */
  #isOwn(name: string): boolean {
    return !this.#isJoined || isNodeChannel(name)
  }

  /** Gives it its place. */
  #append(
    draft: Draft,
    done: (outcome: Published | Refusal) => void,
    keep: Keep = this.spread.find(draft.channel)?.namespace ?? this.#dependencies.namespaceOf(draft.channel),
  ): void {
    if (this.#ledger === this.#broker) return this.#broker.publish(draft, keep, done)
    this.#underWay++
    this.#broker.publish(draft, keep, outcome => {
      this.#underWay--
      done(outcome)
    })
  }

  /** As the broker judges it, with all that other nodes published. */
  #appendNext(
    draft: Draft,
    ordering: Ordering,
    done: (outcome: Published | Unordered | Refusal) => void,
  ): void {
    const { channel } = draft
    const namespace = this.spread.find(channel)?.namespace ?? this.#dependencies.namespaceOf(channel)
    this.#underWay++
    this.#broker.publishNext(draft, namespace, ordering, outcome => {
      this.#underWay--
      done(outcome)
    })
  }

  #refuse(reason: 'overloaded' | 'not-allowed', done: (outcome: Refusal) => void): void {
    this.counters[`refused.${reason}`]++
    done(reason)
  }
}

/** Of a channel whose numbering is the broker's. */
function orderAlone(name: string): ChannelSnapshot {
  return [name, '-', 0, 0, [], []]
}
