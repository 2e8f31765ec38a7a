// One worker's engine: router, shard and hub, and links to those of the other workers. Knows no protocol, socket or thread.
// `open` before anything is published: it waits until all other hubs have attached.
import { publishAll } from './batch.ts'
import { laneLimits } from './bounds.ts'
import { Broadcasts, type EachOutcome } from './broadcasts.ts'
import { type EngineDependencies, ownerLimits } from './engine-dependencies.ts'
import { HeldCalls } from './held-calls.ts'
import { localShard } from './local.ts'
import { Neighbours } from './neighbours.ts'
import type { InspectOptions, InspectOutcome } from './owner/inspection.ts'
import { Shard } from './owner/shard.ts'
import type { ChannelSnapshot } from './owner/snapshot.ts'
import { Ownership } from './ownership.ts'
import { Hub } from './reader/hub.ts'
import { outboxesOf } from './reader/outbox.ts'
import { Returns, returnsPerSecondDefault } from './reader/returns.ts'
import type { SubscribeOptions, Subscriber, Subscription } from './reader/subscriber.ts'
import { type PublishOutcome, Router } from './router.ts'
import { Succession } from './succession.ts'
import { Trims } from './trims.ts'
import { type ChannelNamespace, channelNamespaces } from './words/access.ts'
import type { Each } from './words/each.ts'
import type { Link, LinkMessage, Slot } from './words/link.ts'
import { type Offset, parseEpoch } from './words/position.ts'
import type { ChannelName, Draft } from './words/publication.ts'
import type { Refusal } from './words/refusal.ts'

/** Clients that were sent away one after the other need no places. */
const atOnce = 1_000_000

export class Engine {
  /** Another process takes over the channels. */
  readonly succession: Succession
  /** While it drains, also for clients that a front-end refuses, or sends away by itself. */
  readonly returns: Returns
  readonly #dependencies: EngineDependencies
  readonly #neighbours: Neighbours
  readonly #shard: Shard
  readonly #hub: Hub
  readonly #router: Router
  readonly #trims: Trims
  readonly #broadcasts: Broadcasts
  /** No publish is taken from front-ends any more. */
  #sealed = false
  /** After the farewell nothing may be appended or answered: nobody would hear of it. */
  #retired = false
  /** What ends each drain that lasts. */
  readonly #drains = new Set<() => void>()

  constructor(dependencies: EngineDependencies) {
    this.#dependencies = dependencies
    const { slot, clock, random, settings, namespaces, access, elsewhere } = dependencies
    const ownership = new Ownership(slot, dependencies.ownerOf)
    const { ownerOf } = ownership
    const held = new HeldCalls(settings.linkBytesMax)
    this.returns = new Returns(random)
    this.#neighbours = new Neighbours(
      () => receivers,
      () => dependencies.opened(),
    )
    const resolve = channelNamespaces(namespaces, access)
    this.#shard = this.#createShard(ownership, resolve)
    const here = localShard(this.#shard.spread, slot, () => this.#hub)
    this.#hub = new Hub({
      clock,
      settings,
      returns: this.returns,
      lanes: { ...laneLimits, ...dependencies.lanes },
      isFed: this.#shard.isFed,
      ownerOf,
      namespaceOf: resolve,
      shard: owner => (owner === ownership.slot ? here : this.#neighbours.shard(owner)),
      shards: () => [...(ownership.isOwner ? [[slot, here] as const] : []), ...this.#neighbours.shards()],
      lost: loss => dependencies.lost?.(loss),
    })
    this.#router = new Router({
      ownership,
      held,
      publishHere: (draft, done) => this.#shard.publish(draft, done),
      presenceHere: (channel, done) => this.#shard.presence(channel, done),
      inspectHere: (channel, options, done) => this.#shard.inspect(channel, options, done),
      link: owner => this.#neighbours.link(owner),
      elsewhere,
    })
    this.#broadcasts = new Broadcasts({
      held,
      publishHere: (each, done) => this.#shard.publishEach(each, done),
      publishJoined: this.#shard.publishEachJoined,
      countHere: ({ group, except }) => this.#shard.spread.groups.countOf(group, except),
      links: () => this.#neighbours.links(),
    })
    this.#trims = new Trims({
      ownership,
      clock,
      trimHere: (channel, through) => this.#shard.trim(channel, through),
      link: owner => this.#neighbours.link(owner),
    })
    const [shard, hub, router, broadcasts] = [this.#shard, this.#hub, this.#router, this.#broadcasts]
    const receivers = { slot, shard, hub, router, broadcasts }
    this.succession = new Succession({
      ...receivers,
      clock,
      ownership,
      neighbours: this.#neighbours,
      held,
      pending: () => this.pending,
    })
  }

  /** The links to all other workers that live now, but for those that came by `linkUp` already, as later ones do. */
  open(links: readonly Link[]): void {
    this.#neighbours.open(links)
  }

  /** A new path to a worker. */
  linkUp(link: Link): void {
    this.#neighbours.up(link)
  }

  linkDown(slot: Slot): void {
    this.#neighbours.down(slot)
  }

  /** The link took its backlog and has credit again. */
  linkDrained(slot: Slot): void {
    this.#shard.spread.linkDrained(slot)
  }

  /** What came over the link from a worker, in its order. */
  receive(from: Slot, messages: readonly LinkMessage[]): void {
    this.#neighbours.receive(from, messages)
  }

  /** Calls `done` exactly once, possibly before it returns. */
  publish(draft: Draft, done: (outcome: PublishOutcome) => void): void {
    if (this.#retired) this.#router.refuse('owner-lost', done)
    else if (this.#sealed) this.#router.refuse('draining', done)
    else this.#router.publish(draft, done)
  }

  /** Publishes each by itself, in order per channel; `done` gets the outcomes in the order of the drafts. */
  publishBatch(drafts: readonly Draft[], done: (outcomes: readonly PublishOutcome[]) => void): void {
    publishAll(drafts, (draft, answered) => this.publish(draft, answered), done)
  }

  /**
   * Publishes to every private channel of the group that somebody reads now, on all workers, and on all nodes that are joined. Each costs
   * what a publish costs.
   * Calls `done` exactly once, possibly before it returns; whoever stops takes none, and says so.
   */
  publishEach(each: Each, done: (outcome: EachOutcome | Refusal) => void): void {
    if (this.#retired) done('owner-lost')
    else if (this.#sealed) done('draining')
    else this.#broadcasts.publish(each, done)
  }

  subscribe(channel: ChannelName, subscriber: Subscriber, options: SubscribeOptions): Subscription | Refusal {
    if (this.#dependencies.elsewhere?.owns(channel)) return this.#hub.refuse('elsewhere')
    return this.#hub.subscribe(channel, subscriber, options)
  }

  /** Never where other nodes own channels: some that fit would be missing. */
  subscribePattern(
    pattern: ChannelName,
    subscriber: Subscriber,
    options: SubscribeOptions,
  ): Subscription | Refusal {
    if (this.#dependencies.elsewhere !== undefined) return this.#hub.refuse('elsewhere')
    return this.#hub.subscribePattern(pattern, subscriber, options)
  }

  /** `lingerMs`: how long the channel's order is to be remembered though nobody subscribes: its client comes back. */
  unsubscribe(subscription: Subscription, lingerMs = 0): void {
    this.#hub.unsubscribe(subscription, lingerMs)
  }

  /** The subscriber gives up all of its subscriptions; with none it does nothing. */
  leave(subscriber: Subscriber, lingerMs = 0): void {
    for (const outbox of outboxesOf(subscriber)) this.#hub.unsubscribe(outbox, lingerMs)
  }

  /**
   * Whoever reads the channel has done with everything up to there, so that its owner keeps it no longer; sent at the end
   * of the turn. It is for channels with one reader: to others of a channel it would be a gap. An offset that the channel
   * has not given is nothing to it.
   */
  trim(channel: ChannelName, through: Offset): void {
    if (!this.#retired) this.#trims.trim(channel, through)
  }

  /** Of the channels that this worker owns or reads: whatever is published next may follow. For all, ask all workers. */
  forgetLastIds(): void {
    this.#shard.sequencers.forgetLastIds()
    this.#hub.forgetLastIds()
  }

  /** The subscriber's wire takes more. */
  drained(subscriber: Subscriber): void {
    this.#hub.drained(subscriber)
  }

  /** Subscribers of the channel on all nodes; undefined: its owner cannot be asked now. */
  presence(channel: ChannelName, done: (subscribers: number | undefined) => void): void {
    this.#router.presence(channel, done)
  }

  /** What the channel's owner knows of it. Calls `done` exactly once, possibly before it returns. */
  inspect(channel: ChannelName, options: InspectOptions, done: (outcome: InspectOutcome) => void): void {
    if (this.#retired) this.#router.refuseInspection('owner-lost', done)
    else this.#router.inspect(channel, options, done)
  }

  /** Other nodes have the same channels. */
  get isJoined(): boolean {
    return this.#dependencies.broker !== undefined
  }

  /** Whoever is refused for `elsewhere` may be served when it comes again: nodes change who owns what. */
  get isMoving(): boolean {
    return this.#dependencies.elsewhere?.isMoving === true
  }

  /** Other nodes own some channels from now on: their subscribers are closed, spread over that time, and nothing is kept of them. */
  release(spreadMs: number, returnsPerSecond = returnsPerSecondDefault): void {
    this.#hub.drain({ spreadMs, returnsPerSecond }, () => {}, ownerLimits(this.#dependencies).isElsewhere)
    this.#shard.release()
  }

  /**
   * First step of a stop (law 15): refuses new subscribers and closes those that are here, spread over that time; publishes
   * still flow. `done` exactly once, possibly before it returns: all are closed, or the engine retires and its worker closes all.
   */
  drain(spreadMs: number, done = () => {}, returnsPerSecond = returnsPerSecondDefault): void {
    const drained = () => {
      if (this.#drains.delete(drained)) done()
    }
    this.#drains.add(drained)
    this.#hub.drain({ spreadMs, returnsPerSecond }, drained)
    if (this.#retired) drained()
  }

  /** The same for a node whose place another process has: each is sent there in its turn, to come at once, and whoever comes here is served. */
  depart(spreadMs: number, done: () => void): void {
    this.#hub.drain({ spreadMs, returnsPerSecond: atOnce }, done, () => true)
  }

  /** Second step: refuses publishes, and gives a place to those that are held. Those under way to other workers are answered yet: see `pending`. */
  seal(): void {
    this.#sealed = true
    if (!this.#retired) this.#shard.close()
  }

  /** Publishes that other workers, or the broker of this one, have not answered. Questions keep nobody from stopping. */
  get pending(): number {
    return this.#router.pending + this.#broadcasts.pending + this.#shard.underWay
  }

  snapshot(): readonly ChannelSnapshot[] {
    return this.#shard.snapshot()
  }

  /** Before `open`. */
  restore(snapshots: readonly ChannelSnapshot[], goneMs: number): void {
    this.#shard.restore(snapshots, goneMs)
  }

  /**
   * Last words of a worker that retires: everything appended is on its way before the farewell, and nothing is
   * appended after it (law 7).
   */
  retire(): void {
    this.#retired = true
    this.#sealed = true
    this.#shard.retire()
    this.#neighbours.sayFarewell()
    this.#neighbours.close()
    for (const drained of this.#drains) drained()
  }

  statistics(): Record<'hub' | 'shard' | 'router', Record<string, number>> {
    return { hub: this.#hub.statistics(), shard: this.#shard.statistics(), router: this.#router.statistics() }
  }

  #createShard(ownership: Ownership, namespaceOf: (channel: ChannelName) => ChannelNamespace): Shard {
    const { between, broker, clock, random } = this.#dependencies
    return new Shard({
      clock,
      namespaceOf,
      between,
      broker,
      hub: to => (to === ownership.slot ? this.#hub : this.#neighbours.hub(to)),
      mintEpoch: () => parseEpoch(random.hex(4)),
      seed: () => this.#dependencies.seed(),
      ...ownerLimits(this.#dependencies),
      interest: (channel, on, lingerMs) => this.#dependencies.interest?.(channel, on, lingerMs),
    })
  }
}
