// The broker of a node that stands alone: here the order of a worker's channels is decided. A publication gets its position
// and enters history, is told to whoever spreads it, and only then is answered (law 4). Answers before it returns.
import { ownText } from '../../std/own-text.ts'
import type { Attach } from '../words/link.ts'
import type { Keep } from '../words/namespace.ts'
import { nextOffset, type Offset, parseEpoch, parseOffset } from '../words/position.ts'
import {
  type ChannelName,
  type Draft,
  type Publication,
  type Published,
  publicationOf,
} from '../words/publication.ts'
import type { Broker, BrokerEvents, Held, Ordering, Page } from './broker.ts'
import type { Channel } from './channel.ts'
import { Channels, type ChannelsDependencies } from './channels.ts'
import { type ChannelInspection, type InspectOptions, inspectChannel } from './inspection.ts'
import { type ChannelSnapshot, restoreSnapshot, takeSnapshot } from './snapshot.ts'

/**
 * How far beyond what any hub had of a lost numbering the next one begins (law 8). What the lost owner gave out and no hub
 * was sent lies in between, so that no bare offset of the one names a place in the other: what a link usually has credits for,
 * at 64 bytes each. Who gave out more than that behind a full link is beyond it; the seed's clock is what is left then.
 */
const lostOffsetsMax = 2 ** 18

export class Ledger implements Broker {
  readonly #dependencies: ChannelsDependencies
  readonly #events: BrokerEvents
  readonly #channels: Channels
  #torn = false
  readonly counters = { publications: 0, duplicates: 0 }

  constructor(dependencies: ChannelsDependencies, events: BrokerEvents) {
    this.#dependencies = dependencies
    this.#events = events
    this.#channels = new Channels(dependencies)
  }

  /** It is here. */
  readonly away = undefined
  /** What it orders is all that there is. */
  readonly isFed = false

  /** An append threw half way: perhaps somebody was not told, whatever is appended before the worker retires. */
  get torn(): boolean {
    return this.#torn
  }

  publish(draft: Draft, keep: Keep, done: (outcome: Published) => void): void {
    const existing = this.#channels.find(draft.channel)
    const channel =
      existing === undefined
        ? this.#channels.touch(ownName(draft.channel), 0, keep)
        : this.#channels.used(existing)
    const { epoch } = channel
    const key = draft.idempotencyKey
    if (key !== undefined) {
      const first = channel.keys?.find(key, this.#dependencies.clock.now())
      if (first !== undefined) {
        this.counters.duplicates++
        return done({
          epoch,
          offset: first,
          subscribers: this.#events.presence(channel.name),
          duplicate: true,
        })
      }
    }
    const offset = channel.next
    this.#append(channel, publicationOf(channel.name, offset, draft), key)
    this.counters.publications++
    done({ epoch, offset, subscribers: this.#events.presence(channel.name), duplicate: false })
  }

  /** Alone, a worker's sequencer knows what is next before it asks. */
  publishNext(draft: Draft, keep: Keep, _ordering: Ordering, done: (outcome: Published) => void): void {
    this.publish(draft, keep, done)
  }

  follow(name: ChannelName, held: Held | undefined): void {
    const channel = this.#channels.touch(name, held && beyond(held.next))
    this.#channels.wake(channel)
    this.#events.followed(channel.name, { epoch: channel.epoch, offset: channel.next })
  }

  unfollow(name: ChannelName, awaited: boolean): void {
    const channel = this.#channels.find(name)
    if (channel === undefined) return
    if (awaited) this.#channels.awaitClients(channel)
    else this.#channels.rest(channel)
  }

  refresh(_name: ChannelName, done: () => void): void {
    done()
  }

  trim(name: ChannelName, through: Offset): void {
    const channel = this.#channels.find(name)
    if (channel !== undefined && through < channel.next) this.#channels.trim(channel, through)
  }

  read(name: ChannelName, from: Offset, to: Offset, done: (page: Page) => void): void {
    const channel = this.#channels.find(name)
    const publications = channel?.history?.range(from, to)
    if (publications !== undefined) return done({ from, publications })
    done({ from: channel?.history?.oldest ?? channel?.next ?? to, publications: [] })
  }

  /** What the hubs know of a lost owner's numbering, all together before any of them attaches (laws 7 and 8). */
  adopt(attaches: readonly Attach[]): void {
    const channels = this.#channels
    for (const [name, , epoch, next, complete] of attaches) {
      const channel = channels.find(name)
      // A snapshot from before what the hub was sent: offsets that follow it were given out already.
      if (channel?.epoch === epoch && channel.next < next) channels.forget(channel)
      if (!complete || channels.find(name) !== undefined) continue
      channels.create(ownName(name), parseEpoch(epoch), parseOffset(next), parseOffset(next))
    }
    // The hub that knows most decides where a new epoch begins.
    for (const [name, , epoch, next] of [...attaches].sort((a, b) => b[3] - a[3])) {
      if (channels.find(name) !== undefined) continue
      channels.begin(ownName(name), epoch === '' ? 0 : beyond(next))
    }
  }

  /** Makes no record of a channel that has none. */
  inspect(name: ChannelName, options: InspectOptions, done: (outcome: ChannelInspection) => void): void {
    done(inspectChannel(this.#channels.find(name), options))
  }

  count(): void {}

  elsewhere(_name: ChannelName, done: (subscribers: number) => void): void {
    done(0)
  }

  watch(_pattern: string, done: () => void): void {
    done()
  }

  unwatch(): void {}

  close(): void {}

  /** Makes a record of a channel that has none, for a snapshot. Displaces none. */
  ensure(name: string): void {
    if (this.#channels.find(name) === undefined) this.#channels.begin(ownName(name), 0)
  }

  snapshot(): readonly ChannelSnapshot[] {
    return takeSnapshot(this.#channels, this.#dependencies.clock.now())
  }

  /** Before anything is published. */
  restore(snapshots: readonly ChannelSnapshot[], goneMs: number): void {
    restoreSnapshot(this.#channels, snapshots, goneMs)
  }

  /** See `Channels`. */
  release(): void {
    this.#channels.release()
  }

  statistics(): Record<string, number> {
    return { ...this.counters, ...this.#channels.statistics() }
  }

  /** What there is no memory for has no place and no key: whoever tries again is not told of a publication that is none. */
  #append(channel: Channel, publication: Publication, key: string | undefined): void {
    try {
      this.#channels.keep(channel, publication)
      channel.next = nextOffset(publication.offset)
      if (key !== undefined) this.#channels.keepKey(channel, key, publication.offset)
      this.#events.publication(publication)
    } catch (error) {
      this.#torn = true
      throw error
    }
  }
}

/** Where a numbering begins whose earlier one was lost with its owner, and known up to `next`. */
function beyond(next: number): number {
  return next + lostOffsetsMax
}

/** Names of drafts and links were parsed before they came; a record keeps one for long, and without what it was cut from. */
function ownName(name: string): ChannelName {
  return ownText(name) as ChannelName // see above
}
