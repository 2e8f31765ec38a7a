// One worker's engine: router, shard and hub, and links to those of the other workers. Knows no protocol, socket or thread.
// `open` before anything is published: it waits until all other hubs have attached.
import { publishAll } from './batch.ts'
import { laneLimits } from './bounds.ts'
import { Broadcasts, type EachOutcome } from './broadcasts.ts'
import { type EngineDependencies, ownerLimits } from './engine-dependencies.ts'
import { localShard } from './local.ts'
import type { InspectOptions, InspectOutcome } from './owner/inspection.ts'
import { Shard } from './owner/shard.ts'
import type { ChannelSnapshot } from './owner/snapshot.ts'
import { Hub } from './reader/hub.ts'
import { outboxesOf } from './reader/outbox.ts'
import { Returns, returnsPerSecondDefault } from './reader/returns.ts'
import type { SubscribeOptions, Subscriber, Subscription } from './reader/subscriber.ts'
import { type Neighbour, type Receivers, receiveAllEarly, receiveFrom } from './receive.ts'
import { remoteHub, remoteShard } from './remote.ts'
import { type PublishOutcome, Router } from './router.ts'
import { Trims } from './trims.ts'
import { channelNamespaces } from './words/access.ts'
import type { Each } from './words/each.ts'
import type { Link, LinkMessage, Slot } from './words/link.ts'
import { type Offset, parseEpoch } from './words/position.ts'
import type { ChannelName, Draft } from './words/publication.ts'
import type { Refusal } from './words/refusal.ts'

export class Engine {
  /** While it drains, also for clients that a front-end refuses, or sends away by itself. */
  readonly returns: Returns
  readonly #dependencies: EngineDependencies
  readonly #peers = new Map<Slot, Neighbour>()
  readonly #shard: Shard
  readonly #hub: Hub
  readonly #router: Router
  readonly #trims: Trims
  readonly #broadcasts: Broadcasts
  readonly #receivers: Receivers
  #open = false
  /** No publish is taken from front-ends any more. */
  #sealed = false
  /** After the farewell nothing may be appended or answered: nobody would hear of it. */
  #retired = false
  /** What ends each drain that lasts. */
  readonly #drains = new Set<() => void>()

  constructor(dependencies: EngineDependencies) {
    this.#dependencies = dependencies
    const { slot, clock, random, settings, namespaces, access, ownerOf, elsewhere } = dependencies
    this.returns = new Returns(random)
    const resolve = channelNamespaces(namespaces, access)
    this.#shard = new Shard({
      clock,
      namespaceOf: resolve,
      between: dependencies.between,
      broker: dependencies.broker,
      hub: to => (to === slot ? this.#hub : this.#peers.get(to)?.hub),
      mintEpoch: () => parseEpoch(random.hex(4)),
      seed: () => dependencies.seed(),
      ...ownerLimits(dependencies),
      interest: (channel, on, lingerMs) => dependencies.interest?.(channel, on, lingerMs),
    })
    const here = localShard(this.#shard.spread, slot, () => this.#hub)
    this.#hub = new Hub({
      clock,
      settings,
      returns: this.returns,
      lanes: { ...laneLimits, ...dependencies.lanes },
      isFed: this.#shard.isFed,
      ownerOf,
      namespaceOf: resolve,
      shard: owner => (owner === slot ? here : this.#peers.get(owner)?.shard),
      shards: () => [[slot, here], ...[...this.#peers].map(([to, peer]) => [to, peer.shard] as const)],
      lost: loss => dependencies.lost?.(loss),
    })
    this.#router = new Router({
      slot,
      ownerOf,
      publishHere: (draft, done) => this.#shard.publish(draft, done),
      presenceHere: (channel, done) => this.#shard.presence(channel, done),
      inspectHere: (channel, options, done) => this.#shard.inspect(channel, options, done),
      link: owner => this.#peers.get(owner)?.link,
      elsewhere,
    })
    this.#broadcasts = new Broadcasts({
      publishHere: (each, done) => this.#shard.publishEach(each, done),
      publishJoined: this.#shard.publishEachJoined,
      countHere: ({ group, except }) => this.#shard.spread.groups.countOf(group, except),
      links: () => [...this.#peers.values()].map(({ link }) => link),
    })
    this.#trims = new Trims({
      slot,
      clock,
      ownerOf,
      trimHere: (channel, through) => this.#shard.trim(channel, through),
      link: owner => this.#peers.get(owner)?.link,
    })
    const [shard, hub, router, broadcasts] = [this.#shard, this.#hub, this.#router, this.#broadcasts]
    this.#receivers = { slot, shard, hub, router, broadcasts }
  }

  /** The links to all other workers that live now; later ones come by `linkUp`. */
  open(links: readonly Link[]): void {
    for (const link of links) this.linkUp(link)
    this.#openIfHeard()
  }

  /** A new path to a worker: an earlier one to the same slot is lost. The hello goes first on it. */
  linkUp(link: Link): void {
    if (this.#peers.has(link.to)) this.linkDown(link.to)
    link.sendReserved(['hello', this.#hub.attachesFor(link.to), this.#hub.patterns()])
    this.#broadcasts.met(link.to)
    const ends = { hub: remoteHub(link), shard: remoteShard(link) }
    this.#peers.set(link.to, { link, ...ends, hello: undefined, early: [], farewell: undefined })
  }

  linkDown(slot: Slot): void {
    const peer = this.#peers.get(slot)
    if (peer === undefined) return
    this.#peers.delete(slot)
    this.#shard.spread.hubLost(slot)
    this.#hub.ownerLost(slot, peer.farewell)
    this.#router.ownerLost(slot)
    this.#broadcasts.ownerLost(slot)
    this.#openIfHeard()
  }

  /** The link took its backlog and has credit again. */
  linkDrained(slot: Slot): void {
    this.#shard.spread.linkDrained(slot)
  }

  /** What came over the link from a worker, in its order. */
  receive(from: Slot, messages: readonly LinkMessage[]): void {
    const peer = this.#peers.get(from)
    if (peer === undefined || this.#retired) return
    for (const message of messages) {
      if (this.#open) receiveFrom(this.#receivers, from, peer, message)
      else if (message[0] === 'hello') peer.hello = { attaches: message[1], patterns: message[2] }
      else peer.early.push(message)
    }
    this.#openIfHeard()
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
    for (const [slot, { link }] of this.#peers) {
      const behind = this.#shard.behind(slot)
      if (behind !== undefined) link.sendReserved(['farewell', behind])
      link.flush()
    }
    for (const drained of this.#drains) drained()
  }

  statistics(): Record<'hub' | 'shard' | 'router', Record<string, number>> {
    return { hub: this.#hub.statistics(), shard: this.#shard.statistics(), router: this.#router.statistics() }
  }

  #openIfHeard(): void {
    if (this.#open || this.#retired) return
    for (const peer of this.#peers.values()) if (peer.hello === undefined) return
    this.#open = true
    receiveAllEarly(this.#receivers, this.#peers)
    this.#dependencies.opened()
  }
}
