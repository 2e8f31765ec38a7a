// Pattern subscriptions of one worker (law 12): watched for at all shards, live only, in the order in which this
// worker received the publications. There is no order between channels, and a resume is always answered as a gap.
import type { Clock } from '../../std/clock.ts'
import { NameMemo } from '../../std/name-memo.ts'
import type { EngineSettings } from '../settings.ts'
import { type ChannelNamespace, maySubscribe } from '../words/access.ts'
import type { Slot } from '../words/link.ts'
import { matches } from '../words/pattern.ts'
import type { ShardPort } from '../words/ports.ts'
import { nextOffset, parseEpoch, parseOffset } from '../words/position.ts'
import { isPrivate } from '../words/private.ts'
import type { ChannelName, Publication } from '../words/publication.ts'
import type { Loss } from '../words/refusal.ts'
import { addOutbox, createAudience, restartWindow } from './audience.ts'
import type { Fanout } from './fanout.ts'
import type { LaneLimits } from './lanes.ts'
import { type Audience, Outbox } from './outbox.ts'
import type { Returns } from './returns.ts'
import type { SubscribeOptions, Subscriber, Subscription } from './subscriber.ts'
import type { Warden } from './warden.ts'

/** What both hubs, of channels and of patterns, need of the engine around them. */
export interface HubDependencies {
  readonly clock: Clock
  readonly returns: Returns
  readonly settings: EngineSettings
  readonly lanes: LaneLimits
  /** What patterns match comes by `matched`: channels that are attached have nothing for them. */
  readonly isFed: boolean
  ownerOf(channel: ChannelName): Slot
  namespaceOf(channel: ChannelName): ChannelNamespace
  /** Undefined while no link leads to the owner: `attachesFor` asks again when one does. */
  shard(owner: Slot): ShardPort | undefined
  /** All shards that can be reached. */
  shards(): Iterable<readonly [Slot, ShardPort]>
  lost(loss: Loss): void
}

/** Places of a pattern's window are its own; nobody can resume from them. */
const epoch = parseEpoch('pattern')
const firstPlace = parseOffset(1)

/** Channels whose readers are remembered: those of a busy worker, at the cost of a few megabytes. */
const readersMax = 10_000

export class PatternHub {
  readonly #dependencies: HubDependencies
  readonly #fanout: Fanout
  readonly #warden: Warden
  /** By front-end and pattern: whoever shares a window may read the same channels. */
  readonly #audiences = new Map<string, Audience>()
  /** The front-end of each. */
  readonly #vias = new Map<Audience, string>()
  /** Who may read a channel, by its name: found once, until a pattern comes or goes. */
  readonly #readers = new NameMemo(readersMax, (channel: ChannelName) => this.#findReaders(channel))
  /** Owners that have not yet confirmed a watch, by pattern. */
  readonly #waiting = new Map<string, { readonly attempt: number; readonly owners: Set<Slot> }>()
  #attempts = 0
  readonly counters = { patternResumeGaps: 0, patternBytesExceeded: 0 }

  constructor(dependencies: HubDependencies, fanout: Fanout, warden: Warden) {
    this.#dependencies = dependencies
    this.#fanout = fanout
    this.#warden = warden
  }

  get count(): number {
    return this.#audiences.size
  }

  names(): readonly string[] {
    return [...new Set(Array.from(this.#vias.keys(), ({ name }) => name))]
  }

  audiences(): Iterable<Audience> {
    return this.#audiences.values()
  }

  subscribe(
    pattern: ChannelName,
    subscriber: Subscriber,
    { via, since, admits }: SubscribeOptions,
  ): Subscription | 'not-allowed' | 'overloaded' {
    const existing = this.#audiences.get(keyOf(pattern, via))
    const namespace = existing?.namespace ?? this.#dependencies.namespaceOf(pattern)
    if (!maySubscribe(namespace, via)) return 'not-allowed'
    const { patternsMax } = this.#dependencies.settings
    const isFull =
      existing === undefined ? this.count >= patternsMax : existing.count >= namespace.subscribersMax
    if (isFull) return 'overloaded'
    const audience = existing ?? this.#open(pattern, via, namespace)
    // Every resume is answered as a gap, whatever it names; the mark is kept until the pattern is live.
    const outbox = new Outbox(subscriber, audience, { since, admits })
    addOutbox(audience, outbox, this.#fanout.laneRules)
    if (audience.attempt === undefined) this.#goLive(audience, outbox)
    return outbox
  }

  /** Law 1 for patterns: live when every owner has confirmed, so that nothing published after it is missed. */
  watched(owner: Slot, pattern: string, attempt: number): void {
    if (this.#waiting.get(pattern)?.attempt === attempt) this.#confirmed(owner, pattern)
  }

  /** A lost owner confirms nothing; its successor hears of all patterns before it takes a publish. */
  ownerLost(owner: Slot): void {
    for (const pattern of [...this.#waiting.keys()]) this.#confirmed(owner, pattern)
  }

  /** Whether the audience is a pattern's. The last subscriber ends the watch. */
  left(audience: Audience): boolean {
    const via = this.#vias.get(audience)
    if (via === undefined) return audience.epoch === epoch
    if (audience.count > 0) return true
    this.#audiences.delete(keyOf(audience.name, via))
    this.#vias.delete(audience)
    this.#readers.clear()
    if (this.names().includes(audience.name)) return true
    this.#waiting.delete(audience.name)
    for (const [, shard] of this.#dependencies.shards()) shard.unwatch(audience.name)
    return true
  }

  /** Of a channel, as its owner sends it. */
  publication(publication: Publication): void {
    if (this.#vias.size > 0 && !this.#dependencies.isFed) this.matched(publication)
  }

  matched(publication: Publication): void {
    if (this.#vias.size === 0 || isPrivate(publication.channel)) return
    for (const audience of this.#readers.of(publication.channel)) {
      // One that is gone by now was left while an earlier one was told a gap.
      if (audience.attempt !== undefined || audience.count === 0) continue
      audience.window.push(publication)
      this.#fanout.schedule(audience)
      // No single owner could be asked to slow down, so what is too much is told as a gap.
      const { window, offered } = audience
      const waiting = window.bytesBetween(offered, window.head)
      if (waiting <= this.#dependencies.settings.fanoutBytesMax) continue
      this.counters.patternBytesExceeded++
      this.#skip(audience)
    }
  }

  /** Something that some pattern matches may be missing. */
  gap(): void {
    for (const audience of [...this.#audiences.values()]) this.#skip(audience)
  }

  channelGap(channel: ChannelName): void {
    if (this.#dependencies.isFed || isPrivate(channel)) return
    for (const audience of this.#readers.of(channel)) this.#skip(audience)
  }

  /** Nobody reads through a pattern what its front-end may not subscribe to by name. */
  #findReaders(channel: ChannelName): readonly Audience[] {
    const matching = [...this.#vias].filter(([{ name }]) => matches(name, channel))
    const namespace = matching.length === 0 ? undefined : this.#dependencies.namespaceOf(channel)
    const readers = matching.filter(([, via]) => namespace !== undefined && maySubscribe(namespace, via))
    return readers.map(([audience]) => audience)
  }

  /** What is missing takes one place. */
  #skip(audience: Audience): void {
    this.#warden.restart(audience, { epoch, offset: nextOffset(audience.window.head) })
  }

  #open(pattern: ChannelName, via: string, own: ChannelNamespace): Audience {
    const isNew = !this.names().includes(pattern)
    const policy = own.policy === 'catch-up' ? 'disconnect' : own.policy
    const audience = createAudience(pattern, this.#dependencies.ownerOf(pattern), { ...own, policy })
    audience.epoch = epoch
    restartWindow(audience, { epoch, offset: firstPlace })
    this.#audiences.set(keyOf(pattern, via), audience)
    this.#vias.set(audience, via)
    this.#readers.clear()
    if (isNew) this.#watch(pattern)
    if (this.#waiting.has(pattern)) {
      audience.attempt = this.#attempts
      audience.waitingSince = this.#dependencies.clock.now()
    }
    return audience
  }

  #watch(pattern: string): void {
    const attempt = ++this.#attempts
    const shards = [...this.#dependencies.shards()]
    this.#waiting.set(pattern, { attempt, owners: new Set(shards.map(([slot]) => slot)) })
    for (const [, shard] of shards) shard.watch(pattern, attempt)
  }

  #confirmed(owner: Slot, pattern: string): void {
    const waiting = this.#waiting.get(pattern)
    if (waiting === undefined || !waiting.owners.delete(owner) || waiting.owners.size > 0) return
    this.#waiting.delete(pattern)
    for (const audience of this.#audiences.values()) {
      if (audience.name !== pattern) continue
      audience.attempt = undefined
      for (const outbox of [...audience.outboxes]) if (outbox !== undefined) this.#goLive(audience, outbox)
    }
  }

  #goLive(audience: Audience, outbox: Outbox): void {
    const { head } = audience.window
    if (outbox.since !== undefined) this.counters.patternResumeGaps++
    outbox.goLive({ epoch, offset: parseOffset(head - 1) }, head, outbox.since !== undefined)
  }
}

/** No front-end has a space in its name. */
function keyOf(pattern: string, via: string): string {
  return `${via} ${pattern}`
}
