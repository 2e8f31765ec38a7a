// All channels of one shard: attached ones, idle ones that keep their numbering for a while (law 9), and the total
// bound on history. Eviction makes a gap, never a false continuity.
import type { Clock } from '../std/clock.ts'
import { ownText } from '../std/own-text.ts'
import type { ChannelNamespace } from './access.ts'
import type { Channel } from './channel.ts'
import { type IdempotencyLimits, WorkerKeys } from './idempotency.ts'
import { IdleList } from './idle-list.ts'
import { type ChannelName, type Epoch, type Offset, type Publication, parseOffset } from './publication.ts'
import { WorkerHistories } from './worker-histories.ts'

export interface ChannelsDependencies {
  readonly clock: Clock
  namespaceOf(channel: ChannelName): ChannelNamespace
  mintEpoch(): Epoch
  /** First offset of a new epoch; never below what an earlier epoch reached (law 8). */
  seed(): Offset
  readonly idempotency: IdempotencyLimits
  readonly idleChannelsMax: number
  /** History of all channels together. */
  readonly historyBytesMax: number
}

const expireMs = 5_000

export class Channels {
  readonly #dependencies: ChannelsDependencies
  readonly #attached = new Map<string, Channel>()
  /** Without hubs. */
  readonly #idle = new Map<string, Channel>()
  readonly #order = new IdleList()
  readonly #histories: WorkerHistories
  readonly #keys: WorkerKeys
  /** What forgotten channels reached: no new epoch begins below it. */
  #reached = 0
  readonly #counters = { forgotten: 0, keysForgotten: 0 }

  constructor(dependencies: ChannelsDependencies) {
    this.#dependencies = dependencies
    this.#histories = new WorkerHistories(dependencies.historyBytesMax)
    this.#keys = new WorkerKeys(dependencies.idempotency)
    dependencies.clock.every(expireMs, () => this.#expire())
  }

  statistics(): Record<string, number> {
    const { counters, bytes } = this.#histories
    const channels = this.#attached.size + this.#idle.size
    return { ...this.#counters, ...counters, channels, historyBytes: bytes, keysBytes: this.#keys.bytes }
  }

  attached(): IterableIterator<Channel> {
    return this.#attached.values()
  }

  /** Those with a history last, in the order in which they would lose it. */
  *all(): Generator<Channel> {
    for (const channels of [this.#order, this.#attached.values()]) {
      for (const channel of channels) if (!this.#histories.has(channel)) yield channel
    }
    yield* this.#histories.channels()
  }

  find(name: string): Channel | undefined {
    return this.#attached.get(name) ?? this.#idle.get(name)
  }

  /** The same channel: of those without hubs it is the last to be forgotten. */
  used(channel: Channel): Channel {
    if (channel.hubs.length === 0 && this.#idle.get(channel.name) === channel) this.#order.used(channel)
    return channel
  }

  /** The channel, made where there is none; its first offset is not below `known`. */
  touch(name: ChannelName, known = 0, namespace?: ChannelNamespace): Channel {
    const before = this.find(name)
    if (before !== undefined) return this.used(before)
    const channel = this.begin(name, known, namespace)
    this.#forgetIdle()
    return channel
  }

  /** A channel with a new numbering, which begins at `known` or above. Displaces none. */
  begin(name: ChannelName, known: number, namespace?: ChannelNamespace): Channel {
    const first = parseOffset(Math.max(this.#dependencies.seed(), known, this.#reached))
    return this.create(name, this.#dependencies.mintEpoch(), first, first, namespace)
  }

  /** A channel with a numbering that is known: from a farewell or a snapshot. Displaces none: its hub may come yet. */
  create(
    name: ChannelName,
    epoch: Epoch,
    first: Offset,
    next: Offset,
    namespace: ChannelNamespace = this.#dependencies.namespaceOf(name),
  ): Channel {
    const channel: Channel = {
      name: ownText(name) as ChannelName, // the same name
      namespace,
      epoch,
      first,
      next,
      hubs: [],
      history: undefined,
      keys: undefined,
      watchers: [],
      watchersAt: -1,
      idleBefore: undefined,
      idleAfter: undefined,
    }
    this.#addIdle(channel)
    return channel
  }

  /** A hub attached to it. */
  wake(channel: Channel): void {
    this.#removeIdle(channel)
    this.#attached.set(channel.name, channel)
  }

  /** No hub is attached to it. */
  rest(channel: Channel): void {
    this.#attached.delete(channel.name)
    this.#addIdle(channel)
    this.#forgetIdle()
  }

  /** Its next user begins a new epoch. No hub may be attached to it. */
  forget(channel: Channel): void {
    this.#removeIdle(channel)
    this.#histories.forget(channel)
    this.#keys.forget(channel)
    this.#reached = Math.max(this.#reached, channel.next)
    this.#counters.forgotten++
  }

  /** Keeps a publication, if the channel keeps any. `leftMs`: undefined for a new one. */
  keep(channel: Channel, publication: Publication, leftMs = channel.namespace.historyTtlMs): void {
    if (channel.namespace.historySize === 0) return
    this.#histories.keep(channel, publication, this.#dependencies.clock.now() + leftMs)
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
  }

  #forgetIdle(): void {
    for (let oldest = this.#order.first; oldest !== undefined; oldest = this.#order.first) {
      if (this.#idle.size <= this.#dependencies.idleChannelsMax) return
      this.forget(oldest)
    }
  }

  #addIdle(channel: Channel): void {
    const before = this.#idle.get(channel.name)
    if (before !== undefined) this.#order.remove(before)
    this.#idle.set(channel.name, channel)
    this.#order.append(channel)
  }

  #removeIdle(channel: Channel): void {
    if (this.#idle.get(channel.name) !== channel) return
    this.#idle.delete(channel.name)
    this.#order.remove(channel)
  }
}
