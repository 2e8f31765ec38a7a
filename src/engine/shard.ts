// The channels that one worker owns. Here order is decided: a publication gets its position and enters history, and
// only then is it queued for the hubs and answered (law 4). Reaches hubs through `HubPort`, here or over a link.
import { mayPublish } from './access.ts'
import { type AttachedHub, type Channel, findHub, removeHub, subscribersOf } from './channel.ts'
import { Channels, type ChannelsDependencies } from './channels.ts'
import { type Inspection, type InspectOptions, inspectChannel } from './inspection.ts'
import type { Attach, Slot } from './link.ts'
import type { HubPort } from './ports.ts'
import {
  type ChannelName,
  type Draft,
  nextOffset,
  type Offset,
  type Publication,
  type Published,
  parseEpoch,
  parseOffset,
  publicationOf,
} from './publication.ts'
import type { Refusal } from './refusal.ts'
import { Watchers } from './watchers.ts'

export interface ShardDependencies extends ChannelsDependencies {
  /** Its own. */
  readonly slot: Slot
  /** Undefined while no link leads to that worker. */
  hub(slot: Slot): HubPort | undefined
}

export class Shard {
  readonly #dependencies: ShardDependencies
  readonly channels: Channels
  readonly #watchers = new Watchers()
  /** Channels of which some hub is owed publications. */
  readonly #owed = new Set<Channel>()
  /** Workers that missed publications which only their patterns match. */
  readonly #patternsOwed = new Set<Slot>()
  /** An append threw half way. */
  #torn = false
  readonly counters = {
    publications: 0,
    duplicates: 0,
    'refused.overloaded': 0,
    'refused.not-allowed': 0,
    /** A full link took no more of a channel: its hub is owed something from there on. */
    linksFull: 0,
    /** A full link did not take what only patterns match. */
    patternLinksFull: 0,
    linkGaps: 0,
    patternGaps: 0,
    recoveries: 0,
    recoveryGaps: 0,
    inspections: 0,
  }

  constructor(dependencies: ShardDependencies) {
    this.#dependencies = dependencies
    this.channels = new Channels(dependencies)
  }

  publish(draft: Draft): Published | Refusal {
    // Before the channel is touched: whoever may not use it must not make one.
    const before = this.channels.find(draft.channel)
    const namespace = before?.namespace ?? this.#dependencies.namespaceOf(draft.channel)
    if (!mayPublish(namespace, draft.via)) return this.#refuse('not-allowed')
    const channel =
      before === undefined ? this.channels.touch(draft.channel, 0, namespace) : this.channels.used(before)
    const { epoch } = channel
    const key = draft.idempotencyKey
    const now = key === undefined ? 0 : this.#dependencies.clock.now()
    const known = key === undefined ? undefined : channel.keys?.find(key, now)
    if (known !== undefined) {
      this.counters.duplicates++
      return { epoch, offset: known, subscribers: subscribersOf(channel), duplicate: true }
    }
    for (const hub of channel.hubs) if (hub.pressed) return this.#refuse('overloaded')
    const offset = channel.next
    if (key !== undefined) this.channels.keepKey(channel, key, offset)
    this.#append(channel, publicationOf(channel.name, offset, draft))
    return { epoch, offset, subscribers: subscribersOf(channel), duplicate: false }
  }

  /** What the hubs know of a lost owner's numbering, all together before any of them attaches (laws 7 and 8). */
  adopt(attaches: readonly Attach[]): void {
    for (const [name, , epoch, next, complete] of attaches) {
      const known = this.channels.find(name)
      // A snapshot from before what the hub was sent: offsets that follow it were given out already.
      if (known?.epoch === epoch && known.next < next) this.channels.forget(known)
      if (!complete || this.channels.find(name) !== undefined) continue
      // A link carries only names that were parsed.
      this.channels.create(name as ChannelName, parseEpoch(epoch), parseOffset(next), parseOffset(next))
    }
    // The hub that knows most decides where a new epoch begins.
    for (const [name, , , next] of [...attaches].sort((a, b) => b[3] - a[3])) {
      if (this.channels.find(name) === undefined) this.channels.begin(name as ChannelName, next) // as above
    }
  }

  attach(slot: Slot, [name, attempt, epoch, next, , count]: Attach): void {
    const channel = this.channels.touch(name as ChannelName, next) // a link carries only names that were parsed
    this.channels.wake(channel)
    this.#release(channel, slot)
    this.#tellPatterns(slot)
    const from = this.#resumable(channel, epoch, next)
    // Noted before the hub hears of it: a subscriber may publish as it goes live.
    const hub: AttachedHub = { slot, count, owed: from === channel.next ? undefined : from, pressed: false }
    channel.hubs.push(hub)
    const start = { epoch: channel.epoch, offset: from ?? channel.next }
    this.#dependencies.hub(slot)?.attached(channel.name, attempt, start, from === undefined)
    this.#repay(channel, hub)
  }

  detach(slot: Slot, name: string): void {
    const channel = this.channels.find(name)
    if (channel !== undefined && this.#detach(channel, slot)) this.channels.rest(channel)
  }

  count(slot: Slot, name: string, subscribers: number): void {
    const hub = this.#hubOf(slot, name)
    if (hub !== undefined) hub.count = subscribers
  }

  pressure(slot: Slot, name: string, on: boolean): void {
    const hub = this.#hubOf(slot, name)
    if (hub !== undefined) hub.pressed = on
  }

  watch(slot: Slot, pattern: string, attempt: number): void {
    this.watchFor(slot, pattern)
    this.#dependencies.hub(slot)?.watched(this.#dependencies.slot, pattern, attempt)
  }

  watchFor(slot: Slot, pattern: string): void {
    this.#watchers.add(slot, pattern)
  }

  unwatch(slot: Slot, pattern: string): void {
    this.#watchers.remove(slot, pattern)
  }

  /** Everything after `offset`, as far as it was sent to that hub; else a gap. */
  recover(slot: Slot, name: ChannelName, request: number, epoch: string, offset: number): void {
    const channel = this.channels.touch(name)
    const head = findHub(channel, slot)?.owed ?? channel.next
    const from = parseOffset(Math.min(offset + 1, Number.MAX_SAFE_INTEGER))
    // A bare offset means the current epoch if it is not older than its first one.
    const same = epoch === '' ? from >= channel.first : epoch === channel.epoch
    const range = same ? rangeOf(channel, from, head) : undefined
    this.counters.recoveries++
    if (range === undefined) this.counters.recoveryGaps++
    const start = range === undefined ? parseOffset(Math.min(channel.history?.oldest ?? head, head)) : from
    this.#dependencies.hub(slot)?.recovered(name, request, start, range ?? [], range === undefined)
  }

  /** The link to a hub took its backlog: it gets what was withheld, or is told the gap (law 6). */
  linkDrained(slot: Slot): void {
    this.#tellPatterns(slot)
    for (const channel of this.#owed) {
      const hub = findHub(channel, slot)
      if (hub !== undefined && !this.#repay(channel, hub)) return
      if (!channel.hubs.some(other => other.owed !== undefined)) this.#owed.delete(channel)
    }
  }

  /** Subscribers of the channel on the whole node. */
  presence(name: ChannelName): number {
    const channel = this.channels.find(name)
    return channel === undefined ? 0 : subscribersOf(channel)
  }

  /** Makes no record of a channel that has none. */
  inspect(name: ChannelName, options: InspectOptions): Inspection {
    this.counters.inspections++
    return inspectChannel(this.channels.find(name), options)
  }

  statistics(): Record<string, number> {
    return { ...this.counters, ...this.channels.statistics() }
  }

  hubLost(slot: Slot): void {
    this.#watchers.removeAll(slot)
    for (const channel of this.channels.attached()) {
      if (this.#detach(channel, slot)) this.channels.awaitClients(channel)
    }
    this.#patternsOwed.delete(slot)
  }

  /** Before a farewell: the channels for which it must not vouch to `slot`; undefined: it can vouch for none. */
  behind(slot: Slot): readonly string[] | undefined {
    if (this.#torn) return undefined
    this.#tellPatterns(slot)
    return [...this.#owed].filter(channel => findHub(channel, slot)?.owed).map(channel => channel.name)
  }

  #refuse(reason: 'overloaded' | 'not-allowed'): Refusal {
    this.counters[`refused.${reason}`]++
    return reason
  }

  #append(channel: Channel, publication: Publication): void {
    try {
      this.#spread(channel, publication)
    } catch (error) {
      // For good: some hub was passed over, whatever is appended before the worker retires.
      this.#torn = true
      throw error
    }
    this.counters.publications++
  }

  #spread(channel: Channel, publication: Publication): void {
    channel.next = nextOffset(publication.offset)
    this.channels.keep(channel, publication)
    for (const hub of channel.hubs) {
      if (hub.owed === undefined && !this.#send(hub.slot, publication))
        this.#owe(channel, hub, publication.offset)
    }
    for (const slot of this.#watchers.of(channel)) {
      if (this.#patternsOwed.has(slot) || findHub(channel, slot) !== undefined) continue
      if (this.#send(slot, publication)) continue
      this.counters.patternLinksFull++
      this.#patternsOwed.add(slot)
    }
  }

  #owe(channel: Channel, hub: AttachedHub, from: Offset): void {
    this.counters.linksFull++
    hub.owed = from
    this.#owed.add(channel)
  }

  /** Returns whether that hub was the last one. */
  #detach(channel: Channel, slot: Slot): boolean {
    if (findHub(channel, slot) === undefined) return false
    this.#release(channel, slot)
    if (channel.hubs.length > 0) return false
    this.#owed.delete(channel)
    return true
  }

  /** Whatever a hub is owed when it leaves or asks anew, the patterns of its worker never get. */
  #release(channel: Channel, slot: Slot): void {
    const hub = findHub(channel, slot)
    removeHub(channel, slot)
    if (hub?.owed !== undefined) this.#patternsOwed.add(slot)
  }

  /** What only patterns of that worker match is never sent later. Goes before anything that follows the gap. */
  #tellPatterns(slot: Slot): void {
    if (!this.#patternsOwed.delete(slot)) return
    this.counters.patternGaps++
    this.#dependencies.hub(slot)?.patternGap()
  }

  #send(slot: Slot, publication: Publication): boolean {
    return this.#dependencies.hub(slot)?.publication(publication) ?? true
  }

  /** Where a hub that had the channel up to `next` can go on; undefined: not without a gap. */
  #resumable(channel: Channel, epoch: string, next: number): Offset | undefined {
    if (epoch === '') return channel.next
    const from = parseOffset(next)
    const covered = epoch === channel.epoch && rangeOf(channel, from, channel.next) !== undefined
    return covered ? from : undefined
  }

  /** False: the link is full again before all was sent. */
  #repay(channel: Channel, hub: AttachedHub): boolean {
    if (hub.owed === undefined) return true
    const range = rangeOf(channel, hub.owed, channel.next)
    if (range === undefined) {
      this.counters.linkGaps++
      this.#dependencies.hub(hub.slot)?.gap(channel.name, { epoch: channel.epoch, offset: channel.next })
    }
    for (const publication of range ?? []) {
      if (this.#send(hub.slot, publication)) continue
      this.#owe(channel, hub, publication.offset)
      return false
    }
    hub.owed = undefined
    return true
  }

  #hubOf(slot: Slot, name: string): AttachedHub | undefined {
    const channel = this.channels.find(name)
    return channel && findHub(channel, slot)
  }
}

/** Empty for whoever has more than `head` already: a hub may be owed what its client got elsewhere. */
function rangeOf(channel: Channel, from: Offset, head: Offset): readonly Publication[] | undefined {
  if (from >= head) return from <= channel.next ? [] : undefined
  return channel.history?.range(from, channel.next)?.slice(0, head - from)
}
