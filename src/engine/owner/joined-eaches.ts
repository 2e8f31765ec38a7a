// What is published to a whole group of private channels where nodes are joined (law 19): one entry in the group's broadcast
// channel, which the broker orders. Each worker that owns some of the group's channels follows that, and publishes every
// entry to those that hubs are attached to, under a key of the entry's own: two nodes that have a channel give it the entry
// once. Stands between a spread and its broker, so that no channel is attached before its group is followed; what may have
// passed a channel by is told it as a gap.
import type { Clock } from '../../std/clock.ts'
import type { Plain } from '../../std/plain.ts'
import type { Each } from '../words/each.ts'
import type { Slot } from '../words/link.ts'
import type { Keep } from '../words/namespace.ts'
import type { HubPort } from '../words/ports.ts'
import { type Epoch, formatPosition, noEpoch, type Offset } from '../words/position.ts'
import {
  broadcastChannel,
  groupOf,
  homeKeyOf,
  isBroadcastChannel,
  privateChannelIf,
} from '../words/private.ts'
import type { ChannelName, Draft, Publication, Published } from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'
import type { Broker, BrokerEvents, Followable, Held, Page } from './broker.ts'
import type { Spread } from './spread.ts'

/**
 * Entries are kept for a worker that the broker was away from, and to show a worker that takes over what the one before it may
 * not have done. Its channels come back within a minute, or never (`attachTimeoutMs`).
 */
const entriesMs = 75_000
const entriesKeep: Keep = { historySize: 1_000, historyTtlMs: entriesMs, historyBytesMax: 4_194_304 }

/** How long a channel knows the key of an entry: for longer than that may come again. */
export const entryKeyMs = 90_000

/** How long it takes until somebody is looked for again who could not be told a gap. */
const lateMs = 250

/** In an entry, beside what front-ends say there, what stands for `via` and `except`: the name of no front-end. */
const ownName = 'each'

interface Group {
  readonly name: string
  readonly channel: ChannelName
  /** Until the group is followed: who waits for that. */
  waiting: Map<ChannelName, Held | undefined> | undefined
  epoch: Epoch
  /** By the clock: there was an entry, or may have been, in the time before that for which entries are kept. */
  recentUntil: number
}

export interface JoinedEachesDependencies {
  readonly clock: Pick<Clock, 'now' | 'after'>
  readonly spread: Spread
  broker(): Broker
  /** Undefined while no link leads to that worker. */
  hub(slot: Slot): HubPort | undefined
  /** Appends what does not come from outside. */
  append(draft: Draft, keep: Keep, done: (outcome: Published | Refusal) => void): void
  /** To the channels that hubs are attached to now; `lost`: see `Eaches`. */
  publish(each: Each, key: string, lost: (channel: ChannelName) => void): void
}

export class JoinedEaches implements Followable {
  readonly #dependencies: JoinedEachesDependencies
  readonly #groups = new Map<string, Group>()
  /** Channels to which a gap is told later. */
  readonly #late = new Set<ChannelName>()
  #isOver = false
  readonly counters = { eachEntries: 0, eachGaps: 0 }
  /** For the broker, in place of the spread. */
  readonly events: BrokerEvents

  constructor(dependencies: JoinedEachesDependencies) {
    this.#dependencies = dependencies
    const { spread } = dependencies
    this.events = {
      followed: (channel, next, lastId) => {
        const group = this.#broadcasting(channel)
        if (group !== undefined) return this.#followed(group, next.epoch)
        spread.followed(channel, next, lastId)
      },
      publication: publication => {
        if (!isBroadcastChannel(publication.channel)) return spread.publication(publication)
        const group = this.#broadcasting(publication.channel)
        if (group !== undefined) this.#entry(group, publication)
      },
      gap: (channel, next, lastId) => {
        if (!isBroadcastChannel(channel)) return spread.gap(channel, next, lastId)
        const group = this.#broadcasting(channel)
        if (group === undefined) return
        group.epoch = next.epoch
        this.#gap(group)
      },
      renumbered: (channel, from, to) => {
        if (!isBroadcastChannel(channel)) return spread.renumbered(channel, from, to)
        const group = this.#broadcasting(channel)
        if (group !== undefined) group.epoch = to.epoch
      },
      matched: publication => spread.matched(publication),
      patternGap: () => spread.patternGap(),
      presence: channel => spread.presence(channel),
    }
  }

  /** Answered once the broker has it; `done` gets why it has not. */
  publish(
    { group, except, via, renderings, ...body }: Each,
    done: (refusal: Refusal | undefined) => void,
  ): void {
    const own = except === undefined ? { via } : { via, except }
    const draft = {
      ...body,
      channel: broadcastChannel(group),
      renderings: { ...renderings, [ownName]: own },
      via,
    }
    this.#dependencies.append(draft, entriesKeep, outcome => {
      done(typeof outcome === 'string' ? outcome : undefined)
    })
  }

  follow(channel: ChannelName, held: Held | undefined): void {
    const name = groupOf(channel)
    if (name === undefined) return this.#dependencies.broker().follow(channel, held)
    const known = this.#groups.get(name)
    if (known === undefined) this.#open(name, channel, held)
    else if (known.waiting !== undefined) known.waiting.set(channel, held)
    else this.#dependencies.broker().follow(channel, held)
  }

  unfollow(channel: ChannelName, awaited: boolean): void {
    const { broker, spread } = this.#dependencies
    const group = this.#groups.get(groupOf(channel) ?? '')
    if (group?.waiting?.delete(channel) !== true) broker().unfollow(channel, awaited)
    if (group === undefined || spread.groups.countOf(group.name) > 0) return
    this.#groups.delete(group.name)
    broker().unfollow(group.channel, awaited)
  }

  /** The worker that owned it before may have left before it published the last entries to it. */
  returned(channel: ChannelName): void {
    const group = this.#groups.get(groupOf(channel) ?? '')
    if (group !== undefined && group.recentUntil > this.#dependencies.clock.now()) this.#lost(channel)
  }

  refresh(channel: ChannelName, done: () => void): void {
    this.#dependencies.broker().refresh(channel, done)
  }

  read(channel: ChannelName, from: Offset, to: Offset, done: (page: Page) => void): void {
    this.#dependencies.broker().read(channel, from, to, done)
  }

  count(channel: ChannelName, subscribers: number): void {
    this.#dependencies.broker().count(channel, subscribers)
  }

  watch(pattern: string, done: () => void): void {
    this.#dependencies.broker().watch(pattern, done)
  }

  unwatch(pattern: string): void {
    this.#dependencies.broker().unwatch(pattern)
  }

  get isFed(): boolean {
    return this.#dependencies.broker().isFed
  }

  /** After a farewell nothing is published: whoever takes over tells the gap. */
  retire(): void {
    this.#isOver = true
  }

  #open(name: string, channel: ChannelName, held: Held | undefined): void {
    const group: Group = {
      name,
      channel: broadcastChannel(name),
      waiting: new Map([[channel, held]]),
      epoch: noEpoch,
      recentUntil: Number.NEGATIVE_INFINITY,
    }
    this.#groups.set(name, group)
    this.#dependencies.broker().follow(group.channel, undefined)
  }

  #broadcasting(channel: ChannelName): Group | undefined {
    return isBroadcastChannel(channel) ? this.#groups.get(homeKeyOf(channel)) : undefined
  }

  /** What is published to the group from here on is heard. What was before, and may be for its channels, is asked for. */
  #followed(group: Group, epoch: Epoch): void {
    const { broker } = this.#dependencies
    group.epoch = epoch
    broker().inspect(group.channel, { limit: 0 }, outcome => {
      if (this.#groups.get(group.name) !== group || group.waiting === undefined) return
      if (outcome === 'broker-away' || outcome.history.size > 0) this.#heard(group)
      const { waiting } = group
      group.waiting = undefined
      for (const [channel, held] of waiting) broker().follow(channel, held)
    })
  }

  #heard(group: Group): void {
    group.recentUntil = this.#dependencies.clock.now() + entriesMs
  }

  #entry(group: Group, publication: Publication): void {
    if (this.#isOver) return
    this.#heard(group)
    const each = eachOf(group.name, publication)
    // Others may write to a broker, and this is nothing of ours.
    if (each === undefined) return this.#gap(group)
    this.counters.eachEntries++
    const key = `${ownName} ${formatPosition({ epoch: group.epoch, offset: publication.offset })}`
    this.#dependencies.publish(each, key, channel => this.#lost(channel))
  }

  #gap(group: Group): void {
    this.#heard(group)
    for (const channel of this.#dependencies.spread.groups.channelsOf(group.name)) this.#lost(channel)
  }

  /**
   * Something is missing in the channel that has no place in it. A hub that is owed some of it, or waits for its answer, is told
   * when it has that: nobody could tell it from what else is missing.
   */
  #lost(channel: ChannelName): void {
    const { spread, clock, hub } = this.#dependencies
    const followed = spread.find(channel)
    // Nobody has it yet; or who had it is told when it is followed again.
    if (followed === undefined || followed.opening !== undefined || this.#isOver) return
    if (followed.hubs.some(({ owed }) => owed !== undefined)) {
      if (this.#late.add(channel).size === 1) clock.after(lateMs, () => this.#lostLate())
      return
    }
    this.counters.eachGaps++
    for (const { slot } of followed.hubs)
      hub(slot)?.gap(channel, { epoch: followed.epoch, offset: followed.next }, undefined)
  }

  #lostLate(): void {
    const late = [...this.#late]
    this.#late.clear()
    for (const channel of late) this.#lost(channel)
  }
}

/** Undefined: it does not say whose it is. */
function eachOf(group: string, { content, meta, renderings }: Publication): Each | undefined {
  const { [ownName]: own, ...others } = renderings ?? {}
  if (!isOwn(own)) return undefined
  const { via, except } = own
  if (typeof via !== 'string' || !(except === undefined || isKey(group, except))) return undefined
  return { group, except, content, meta, via, ...(Object.keys(others).length > 0 && { renderings: others }) }
}

function isOwn(value: Plain): value is { readonly [name: string]: Plain } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  )
}

function isKey(group: string, key: Plain): key is string {
  return typeof key === 'string' && privateChannelIf(group, key) !== undefined
}
