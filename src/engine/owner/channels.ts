// All channels of one shard: attached ones, those whose clients are awaited, and idle ones, which keep their numbering
// as long as there are few of them (law 9). Private ones have a bound for themselves, in number and in age (law 19), so that
// whoever makes up clients forgets no channel that has a name. What is forgotten makes a gap, never a false continuity.
import type { Clock } from '../../std/clock.ts'
import { LinkedList } from '../../std/linked-list.ts'
import { ownText } from '../../std/own-text.ts'
import type { Keep } from '../words/namespace.ts'
import { type Epoch, type Offset, parseOffset } from '../words/position.ts'
import { isNodeChannel, isPrivate } from '../words/private.ts'
import type { ChannelName, Publication } from '../words/publication.ts'
import type { Channel } from './channel.ts'
import { type IdempotencyLimits, WorkerKeys } from './idempotency.ts'
import { WorkerHistories } from './worker-histories.ts'

export interface ChannelsDependencies {
  readonly clock: Clock
  /** What is kept of a channel that nobody published to. */
  namespaceOf(channel: ChannelName): Keep
  mintEpoch(): Epoch
  /** First offset of a new epoch; never below what an earlier epoch reached (law 8). */
  seed(): Offset
  readonly idempotency: IdempotencyLimits
  readonly idleChannelsMax: number
  /** Of private channels, which are also forgotten when they are idle for that long, or for what their namespace says. */
  readonly idlePrivateChannelsMax: number
  readonly idlePrivateMs: number
  /** How long the clients of a channel are awaited that were sent away, and of how many channels at most. */
  readonly awaitedMs: number
  readonly awaitedChannelsMax: number
  /** History of all channels together. */
  readonly historyBytesMax: number
  /** Whether another node owns the channel now: nothing is kept of it here. */
  isElsewhere?(channel: ChannelName): boolean
}

const expireMs = 5_000
/** Channels that are judged in one turn when others became those of other nodes: 3 ms. */
const releasedPerTurn = 5_000

export class Channels {
  readonly #dependencies: ChannelsDependencies
  readonly #byName = new Map<string, Channel>()
  /** The longest idle first: a publish to one moves it to the end, and that must cost next to nothing. */
  readonly #idle = new LinkedList<Channel>()
  /** Private ones, by when their last connection left: what is published to them keeps none of them. */
  readonly #idlePrivate = new LinkedList<Channel>()
  /** Until when, by the clock; the next one to end first. */
  readonly #awaited = new Map<Channel, number>()
  /** The shortest time for which a private one is kept, so far. */
  #leastIdleMs: number
  readonly #histories: WorkerHistories<Channel>
  readonly #keys: WorkerKeys
  /** Channels that became those of other nodes while hubs were attached. */
  readonly #released = new Set<Channel>()
  /** What forgotten channels reached: no new epoch begins below it. */
  #reached = 0
  readonly #counters = { forgotten: 0, keysForgotten: 0 }

  constructor(dependencies: ChannelsDependencies) {
    this.#dependencies = dependencies
    this.#leastIdleMs = dependencies.idlePrivateMs
    this.#histories = new WorkerHistories<Channel>(dependencies.historyBytesMax)
    this.#keys = new WorkerKeys(dependencies.idempotency)
    dependencies.clock.every(expireMs, () => this.#expire())
  }

  statistics(): Record<string, number> {
    return {
      ...this.#counters,
      ...this.#histories.counters,
      channels: this.#byName.size,
      channelsAwaited: this.#awaited.size,
      historyBytes: this.#histories.bytes,
      keysBytes: this.#keys.bytes,
    }
  }

  *attached(): Generator<Channel> {
    for (const channel of this.#byName.values()) if (channel.state === 'attached') yield channel
  }

  /** Those with a history last, in the order in which they would lose it. */
  *all(): Generator<Channel> {
    for (const channels of [this.#idle, this.#idlePrivate, this.#awaited.keys(), this.attached()]) {
      for (const channel of channels) if (channel.history === undefined) yield channel
    }
    yield* this.#histories.channels()
  }

  find(name: string): Channel | undefined {
    return this.#byName.get(name)
  }

  /** The same channel: of the idle ones it is the last to be forgotten. */
  used(channel: Channel): Channel {
    if (channel.state === 'idle' && this.#idleOf(channel) === this.#idle) this.#idle.used(channel)
    return channel
  }

  /** The channel, made where there is none; its first offset is not below `least`. A new one keeps the name as it is. */
  touch(name: ChannelName, least = 0, keep?: Keep): Channel {
    const existing = this.find(name)
    if (existing !== undefined) return this.used(existing)
    const channel = this.begin(name, least, keep)
    this.#forgetIdle()
    return channel
  }

  /** A channel with a new numbering, which begins at `least` or above. Displaces none. */
  begin(name: ChannelName, least: number, keep?: Keep): Channel {
    const first = parseOffset(Math.max(this.#dependencies.seed(), least, this.#reached))
    return this.create(name, this.#dependencies.mintEpoch(), first, first, keep)
  }

  /** A channel with a numbering that is known: from a farewell or a snapshot. Displaces none: its hub may come yet. */
  create(
    name: ChannelName,
    epoch: Epoch,
    first: Offset,
    next: Offset,
    keep: Keep = this.#dependencies.namespaceOf(name),
  ): Channel {
    const existing = this.find(name)
    if (existing !== undefined) this.forget(existing)
    const channel: Channel = {
      name,
      state: 'idle',
      idleSinceSeconds: 0,
      keep,
      epoch,
      first,
      next,
      history: undefined,
      keys: undefined,
      before: undefined,
      after: undefined,
    }
    if (keep.idleMs !== undefined) this.#leastIdleMs = Math.min(this.#leastIdleMs, keep.idleMs)
    this.#byName.set(channel.name, channel)
    this.#appendIdle(channel)
    return channel
  }

  /** A hub attached to it. */
  wake(channel: Channel): void {
    this.#leavePlace(channel)
    channel.state = 'attached'
  }

  /** No hub is attached to it: its last subscriber left. */
  rest(channel: Channel): void {
    if (this.#isGone(channel)) return this.forget(channel)
    this.#becomeIdle(channel)
    this.#forgetIdle()
  }

  /** No hub is attached to it, but not because its subscribers left: they come back. Displaces none. */
  awaitClients(channel: Channel): void {
    if (this.#isGone(channel)) return this.forget(channel)
    this.#leavePlace(channel)
    channel.state = 'awaited'
    this.#awaited.set(channel, this.#dependencies.clock.now() + this.#dependencies.awaitedMs)
    for (const longest of this.#awaited.keys()) {
      if (this.#awaited.size <= this.#dependencies.awaitedChannelsMax) return
      this.#becomeIdle(longest)
    }
  }

  /** Its next user begins a new epoch. No hub may be attached to it. */
  forget(channel: Channel): void {
    this.#leavePlace(channel)
    this.#byName.delete(channel.name)
    this.#histories.forget(channel)
    this.#keys.forget(channel)
    this.#released.delete(channel)
    this.#reached = Math.max(this.#reached, channel.next)
    this.#counters.forgotten++
  }

  /**
   * Other nodes own some of them from now on, and go on in numberings of their own: what is known here is no true part of
   * that, should a channel ever come back. Those with hubs are forgotten when the last one leaves.
   */
  release(): void {
    const all = this.#byName.values()
    const step = () => {
      for (let judged = 0; judged < releasedPerTurn; judged++) {
        const { done, value: channel } = all.next()
        if (done === true) return
        if (this.#dependencies.isElsewhere?.(channel.name) !== true) continue
        if (channel.state === 'attached') this.#released.add(channel)
        else this.forget(channel)
      }
      this.#dependencies.clock.after(0, step)
    }
    step()
  }

  /** Keeps a publication, if the channel keeps any. `leftMs`: undefined for a new one. */
  keep(channel: Channel, publication: Publication, leftMs = channel.keep.historyTtlMs): void {
    if (channel.keep.historySize === 0) return
    this.#histories.keep(channel, publication, this.#dependencies.clock.now() + leftMs)
  }

  /** Drops what is kept up to there. */
  trim(channel: Channel, through: Offset): void {
    this.#histories.trim(channel, through)
  }

  /** `leftMs`: undefined for a new key. */
  keepKey(channel: Channel, key: string, offset: Offset, leftMs?: number): void {
    const now = this.#dependencies.clock.now()
    this.#counters.keysForgotten += this.#keys.add(channel, ownText(key), offset, now, leftMs)
  }

  #expire(): void {
    const now = this.#dependencies.clock.now()
    this.#histories.expire(now)
    this.#keys.expire(now)
    this.#expirePrivate(now)
    for (const [channel, until] of this.#awaited) {
      if (until > now) return
      this.rest(channel)
    }
  }

  /** Groups differ in how long they are kept: only in front of the first that none of them would let go all are looked at. */
  #expirePrivate(now: number): void {
    const { idlePrivateMs } = this.#dependencies
    for (let channel = this.#idlePrivate.first; channel !== undefined; ) {
      const { after, idleSinceSeconds, keep } = channel
      const idleMs = now - idleSinceSeconds * 1_000
      if (idleMs < this.#leastIdleMs) return
      if (idleMs >= (keep.idleMs ?? idlePrivateMs)) this.forget(channel)
      channel = after
    }
  }

  #forgetIdle(): void {
    const { idleChannelsMax, idlePrivateChannelsMax } = this.#dependencies
    this.#forgetBeyond(this.#idle, idleChannelsMax)
    this.#forgetBeyond(this.#idlePrivate, idlePrivateChannelsMax)
  }

  #forgetBeyond(idle: LinkedList<Channel>, max: number): void {
    for (let oldest = idle.first; oldest !== undefined && idle.size > max; oldest = idle.first)
      this.forget(oldest)
  }

  #isGone(channel: Channel): boolean {
    return this.#released.has(channel) || this.#dependencies.isElsewhere?.(channel.name) === true
  }

  #becomeIdle(channel: Channel): void {
    this.#leavePlace(channel)
    channel.state = 'idle'
    this.#appendIdle(channel)
  }

  #appendIdle(channel: Channel): void {
    channel.idleSinceSeconds = Math.floor(this.#dependencies.clock.now() / 1_000)
    this.#idleOf(channel).append(channel)
  }

  #idleOf(channel: Channel): LinkedList<Channel> {
    return isPrivate(channel.name) && !isNodeChannel(channel.name) ? this.#idlePrivate : this.#idle
  }

  #leavePlace(channel: Channel): void {
    if (channel.state === 'idle') this.#idleOf(channel).remove(channel)
    this.#awaited.delete(channel)
  }
}
