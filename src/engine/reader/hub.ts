// One worker's local subscribers, by channel. The hub attaches once per channel at its owner (law 1), keeps the
// window that its subscribers need, and lets `fanout` walk them. It never decides order: it checks it (law 2).
import { maySubscribe } from '../words/access.ts'
import type { Attach, Slot } from '../words/link.ts'
import type { HubPort } from '../words/ports.ts'
import { type Offset, type Position, parseOffset } from '../words/position.ts'
import type { ChannelName, Publication } from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'
import { addOutbox, createAudience, removeOutbox, setBehind } from './audience.ts'
import { Fanout } from './fanout.ts'
import { attachOf, isLive, push, withhold } from './following.ts'
import { Lingers } from './lingers.ts'
import { type Audience, Outbox, outboxesOf, outboxOf } from './outbox.ts'
import { type HubDependencies, PatternHub } from './pattern-hub.ts'
import { Presence } from './presence.ts'
import { recoverAll, recoverFrom } from './recovery.ts'
import type { SubscribeOptions, Subscriber, Subscription } from './subscriber.ts'
import { Warden } from './warden.ts'

export class Hub implements HubPort {
  readonly #dependencies: HubDependencies
  readonly #audiences = new Map<string, Audience>()
  readonly #presence: Presence
  readonly #fanout: Fanout
  readonly #warden: Warden
  readonly #patterns: PatternHub
  readonly #lingers = new Lingers()
  #requests = 0
  #subscribers = 0
  #draining = false
  readonly counters = {
    attaches: 0,
    disorders: 0,
    recoveries: 0,
    /** Resumes of a channel that were answered with a gap. */
    resumeGaps: 0,
    'refused.overloaded': 0,
    'refused.not-allowed': 0,
    'refused.draining': 0,
    'refused.elsewhere': 0,
  }

  constructor(dependencies: HubDependencies) {
    this.#dependencies = dependencies
    const { clock, settings, lanes } = dependencies
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
      ...this.#patterns.counters,
      ...this.#fanout.counters,
      ...this.#warden.counters,
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
      if (isLive(audience)) this.#start(audience, [outbox])
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
      if (outbox.told && outbox.canStart && isLive(outbox.audience)) this.#start(outbox.audience, [outbox])
      else this.#serve(outbox)
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
    this.#start(audience, [...audience.outboxes])
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
    const recovery = audience?.recoveries?.get(request)
    if (audience === undefined || recovery === undefined) return
    // An empty map takes a fifth of what the whole channel does.
    if (audience.recoveries?.delete(request) && audience.recoveries.size === 0)
      audience.recoveries = undefined
    this.counters.resumeGaps += recoverAll(audience, recovery, from, range, gap)
    const outboxes = [...recovery.outboxes.keys()]
    for (const outbox of outboxes) this.#serve(outbox)
    // Those for whom the answer says nothing ask again, together.
    this.#start(audience, outboxes)
  }

  /** Publications are missing before `next`. */
  gap(name: ChannelName, next: Position, lastId?: string): void {
    this.#patterns.channelGap(name)
    const audience = this.#audiences.get(name)
    if (audience === undefined || !isLive(audience)) return
    this.#start(audience, this.#warden.restart(audience, next, lastId))
  }

  /** Whatever is published next may follow. */
  forgetLastIds(): void {
    for (const audience of this.#audiences.values()) audience.lastId = undefined
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

  /** Closes those that are here, spread over that time; then calls `done`. Where only some channels are meant, others go on; else new ones are refused. */
  drain(spreadMs: number, done: () => void, isMeant?: (channel: ChannelName) => boolean): void {
    this.#draining ||= isMeant === undefined
    this.#warden.closeAll('draining', spreadMs, done, isMeant)
  }

  refuse(reason: 'overloaded' | 'not-allowed' | 'draining' | 'elsewhere'): Refusal {
    this.counters[`refused.${reason}`]++
    return reason
  }

  /** Those that can go live do, now or by a recovery. The audience must be live. */
  #start(audience: Audience, outboxes: readonly (Outbox | undefined)[]): void {
    const { epoch } = audience
    if (epoch === undefined) return
    const resuming: Outbox[] = []
    for (const outbox of outboxes) {
      if (!outbox?.canStart) continue
      const { head } = audience.window
      if (outbox.since !== undefined) resuming.push(outbox)
      else outbox.goLive({ epoch, offset: parseOffset(head - 1) }, head, false)
    }
    if (resuming.length === 0) return
    this.counters.recoveries += resuming.length
    recoverFrom(audience, resuming, () => ++this.#requests, this.#dependencies.shard(audience.owner))
    for (const outbox of resuming) this.#serve(outbox)
  }

  /** Its wire takes more, or it has just gone live: whatever it can get, it gets. */
  #serve(outbox: Outbox): void {
    const { audience } = outbox
    if (outbox.next === undefined) return
    const { blocked } = outbox.subscriber.wire
    if (outbox.skipped && !blocked) this.#warden.tellGap(outbox)
    if (outbox.next === undefined) return
    const behind = outbox.next < audience.window.head
    setBehind(audience, outbox, behind || blocked)
    if (!behind) return
    this.#fanout.scheduleAgain(audience)
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
