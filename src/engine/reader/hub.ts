// One worker's local subscribers, by channel. The hub attaches once per channel at its owner (law 1), keeps the
// window that its subscribers need, and lets `fanout` walk them. It never decides order: it checks it (law 2).
import { maySubscribe } from '../words/access.ts'
import type { Attach, Slot } from '../words/link.ts'
import type { HubPort } from '../words/ports.ts'
import type { Offset, Position } from '../words/position.ts'
import type { ChannelName, Publication } from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'
import { addOutbox, createAudience, removeOutbox } from './audience.ts'
import type { DrainPace } from './departures.ts'
import { Fanout } from './fanout.ts'
import { attachOf, isLive, push, withhold } from './following.ts'
import { Lingers } from './lingers.ts'
import { type Audience, Outbox, outboxesOf, outboxOf } from './outbox.ts'
import { type HubDependencies, PatternHub } from './pattern-hub.ts'
import { Presence } from './presence.ts'
import { Resumption } from './resumption.ts'
import type { SubscribeOptions, Subscriber, Subscription } from './subscriber.ts'
import { Warden } from './warden.ts'

export class Hub implements HubPort {
  readonly #dependencies: HubDependencies
  readonly #audiences = new Map<string, Audience>()
  readonly #presence: Presence
  readonly #fanout: Fanout
  readonly #warden: Warden
  readonly #patterns: PatternHub
  readonly #resumption: Resumption
  readonly #lingers = new Lingers()
  #requests = 0
  #subscribers = 0
  #draining = false
  readonly counters = {
    attaches: 0,
    disorders: 0,
    'refused.overloaded': 0,
    'refused.not-allowed': 0,
    'refused.draining': 0,
    'refused.elsewhere': 0,
  }

  constructor(dependencies: HubDependencies) {
    this.#dependencies = dependencies
    const { clock, settings, lanes, returns } = dependencies
    this.#fanout = new Fanout({
      clock,
      limits: { ...settings, ...lanes },
      passed: (audience, pass) => this.#warden.passed(audience, pass),
      tellGap: outbox => this.#warden.tellGap(outbox),
      missed: (outbox, missing) => this.#warden.missed(outbox, missing),
    })
    this.#warden = new Warden({
      clock,
      settings,
      returns,
      audiences: () => [...this.#audiences.values(), ...this.#patterns.audiences()],
      remove: outbox => this.unsubscribe(outbox),
      lost: loss => dependencies.lost(loss),
      press: (audience, on) => {
        // A pass may outlive its audience, and a pattern has none to press: the name may be another one's.
        if (this.#audiences.get(audience.name) !== audience) return
        dependencies.shard(audience.owner)?.pressure(audience.name, on)
      },
    })
    this.#patterns = new PatternHub(dependencies, this.#fanout, this.#warden)
    this.#resumption = new Resumption({
      clock,
      fanout: this.#fanout,
      warden: this.#warden,
      nextRequest: () => ++this.#requests,
      shardOf: ({ owner }) => dependencies.shard(owner),
    })
    this.#presence = new Presence({
      clock,
      tell: audience => {
        if (this.#audiences.get(audience.name) !== audience) return
        dependencies.shard(audience.owner)?.count(audience.name, audience.count)
      },
    })
  }

  statistics(): Record<string, number> {
    return {
      ...this.counters,
      ...this.#resumption.counters,
      ...this.#patterns.counters,
      ...this.#fanout.counters,
      ...this.#warden.statistics(),
      channels: this.#audiences.size,
      patterns: this.#patterns.count,
      subscribers: this.#subscribers,
    }
  }

  /** The subscriber is live at once where the hub has the channel and it does not resume, else when the owner answers. */
  subscribe(name: ChannelName, subscriber: Subscriber, options: SubscribeOptions): Subscription | Refusal {
    if (this.#draining) return this.refuse('draining')
    const existing = this.#audiences.get(name)
    const audience =
      existing ?? createAudience(name, this.#dependencies.ownerOf(name), this.#dependencies.namespaceOf(name))
    if (!maySubscribe(audience.namespace, options.via)) return this.refuse('not-allowed')
    if (audience.count >= audience.namespace.subscribersMax) return this.refuse('overloaded')
    const outbox = new Outbox(subscriber, audience, options)
    addOutbox(audience, outbox, this.#fanout.laneRules)
    this.#subscribers++
    if (existing === undefined) {
      this.#audiences.set(name, audience)
      this.#attach(audience)
    } else {
      this.#presence.changed(audience)
      if (isLive(audience)) this.#resumption.start(audience, [outbox])
    }
    return outbox
  }

  /** All channels that fit, live only; a resume is answered as a gap (law 12). */
  subscribePattern(
    pattern: ChannelName,
    subscriber: Subscriber,
    options: SubscribeOptions,
  ): Subscription | Refusal {
    if (this.#draining) return this.refuse('draining')
    const outcome = this.#patterns.subscribe(pattern, subscriber, options)
    return typeof outcome === 'string' ? this.refuse(outcome) : outcome
  }

  unsubscribe(subscription: Subscription, lingerMs = 0): void {
    const outbox = outboxOf(subscription)
    const { audience } = outbox
    outbox.close()
    if (!removeOutbox(audience, outbox)) return
    if (this.#patterns.left(audience)) return
    this.#subscribers--
    if (lingerMs > 0) this.#lingers.note(audience, lingerMs, this.#dependencies.clock)
    if (audience.count > 0) return this.#presence.changed(audience)
    if (this.#audiences.get(audience.name) !== audience) return
    this.#audiences.delete(audience.name)
    const shard = this.#dependencies.shard(audience.owner)
    if (!this.#draining)
      return shard?.detach(audience.name, this.#lingers.take(audience, this.#dependencies.clock))
    // The clients of a node that stops come back to the next one: their channels stay in use (law 9).
    if (audience.pressed) shard?.pressure(audience.name, false)
    shard?.count(audience.name, 0)
  }

  /** The subscriber's wire takes more: each of its subscriptions is offered what it missed, by lane, and in turn within one. */
  drained(subscriber: Subscriber): void {
    const { wire } = subscriber
    if (!wire.blocked) return
    wire.drained()
    wire.rotate()
    for (const outbox of outboxesOf(subscriber)) {
      if (outbox.told && outbox.canStart && isLive(outbox.audience))
        this.#resumption.start(outbox.audience, [outbox])
      else this.#resumption.serve(outbox)
    }
  }

  /** Always takes it: a hub that holds too much says so by `pressure`. */
  publication(publication: Publication): boolean {
    const audience = this.#audiences.get(publication.channel)
    // Before the owner's first answer it is sent for patterns; later, what is out of order will come again.
    if (audience?.epoch === undefined) this.#patterns.publication(publication)
    if (audience === undefined || withhold(audience)) return true
    if (publication.offset !== audience.window.head) {
      // Never guess: the owner's answer says where the channel stands.
      this.counters.disorders++
      this.#patterns.channelGap(audience.name)
      this.#attach(audience)
      return true
    }
    this.#patterns.publication(publication)
    push(audience, publication)
    this.#fanout.schedule(audience)
    this.#warden.press(audience)
    return true
  }

  attached(name: ChannelName, attempt: number, next: Position, gap: boolean, lastId?: string): void {
    const audience = this.#audiences.get(name)
    if (audience === undefined || audience.attempt !== attempt) return
    const hadEpoch = audience.epoch !== undefined
    audience.attempt = undefined
    audience.complete = false
    if (gap && audience.withheld) this.#patterns.channelGap(name)
    audience.withheld = false
    if (!hadEpoch || gap || audience.window.head !== next.offset) this.#warden.restart(audience, next, lastId)
    this.#resumption.start(audience, [...audience.outboxes])
    this.#warden.press(audience)
  }

  recovered(
    name: ChannelName,
    request: number,
    from: Offset,
    range: readonly Publication[],
    gap: boolean,
  ): void {
    const audience = this.#audiences.get(name)
    if (audience !== undefined) this.#resumption.recovered(audience, request, from, range, gap)
  }

  /** Publications are missing before `next`. Where the hub has all up to there, what is missing never had a place. */
  gap(name: ChannelName, next: Position, lastId?: string): void {
    this.#patterns.channelGap(name)
    const audience = this.#audiences.get(name)
    if (audience === undefined) return
    const { epoch, window } = audience
    if (epoch === next.epoch && window.head === next.offset) return this.#warden.missedByAll(audience)
    if (!isLive(audience)) return
    this.#resumption.start(audience, this.#warden.restart(audience, next, lastId))
  }

  /** What waits is offered first: it cannot stand beside what follows. Whoever does not take it now is told a gap (law 7). */
  renumbered(name: ChannelName, from: Position, to: Position): void {
    const audience = this.#audiences.get(name)
    if (audience === undefined || !isLive(audience)) return
    if (audience.epoch !== from.epoch || audience.window.head !== from.offset) return this.gap(name, to)
    this.#fanout.finish(audience)
    this.#resumption.start(audience, this.#warden.renumber(audience, to))
  }

  /** Whatever is published next may follow. */
  forgetLastIds(): void {
    for (const audience of this.#audiences.values()) audience.lastId = undefined
  }

  matched(publication: Publication): boolean {
    this.#patterns.matched(publication)
    return true
  }

  patternGap(): void {
    this.#patterns.gap()
  }

  watched(owner: Slot, pattern: string, attempt: number): void {
    this.#patterns.watched(owner, pattern, attempt)
  }

  /** `behind` names the channels for which the owner's farewell does not vouch; undefined: it said none (law 7). */
  ownerLost(owner: Slot, behind: readonly string[] | undefined): void {
    if (behind === undefined || behind.length > 0) this.#patterns.gap()
    this.#patterns.ownerLost(owner)
    for (const audience of this.#audiences.values()) {
      if (audience.owner !== owner) continue
      const unbroken = isLive(audience) || audience.complete
      audience.complete = unbroken && behind !== undefined && !behind.includes(audience.name)
      this.#wait(audience)
    }
  }

  /** All channels have other owners from now on, which are asked when links lead to them. */
  moved(): void {
    for (const audience of this.#audiences.values())
      audience.owner = this.#dependencies.ownerOf(audience.name)
  }

  /** What to ask a new owner for: the first message to it. */
  attachesFor(owner: Slot): Attach[] {
    const attaches: Attach[] = []
    for (const audience of this.#audiences.values()) {
      if (audience.owner === owner) attaches.push(this.#wait(audience))
    }
    return attaches
  }

  patterns(): readonly string[] {
    return this.#patterns.names()
  }

  /**
   * Closes those that are here, spread over a time; then calls `done`. Where only some channels are meant, others go on; else
   * new ones are refused.
   */
  drain(pace: DrainPace, done: () => void, isMeant?: (channel: ChannelName) => boolean): void {
    this.#draining ||= isMeant === undefined
    this.#warden.drain(pace, done, isMeant)
  }

  refuse(reason: 'overloaded' | 'not-allowed' | 'draining' | 'elsewhere'): Refusal {
    this.counters[`refused.${reason}`]++
    return reason
  }

  #attach(audience: Audience): void {
    const attach = this.#wait(audience)
    this.#dependencies.shard(audience.owner)?.attach(attach)
  }

  #wait(audience: Audience): Attach {
    this.counters.attaches++
    return attachOf(audience, ++this.#requests, this.#dependencies.clock.now())
  }
}
