// What is remembered of channels whose publishers say an order: made when that is first said, and forgotten some time after
// the last subscriber left. A channel without an order has nothing here.
import type { Clock } from '../../std/clock.ts'
import { ownText } from '../../std/own-text.ts'
import type { ChannelName } from '../words/publication.ts'
import type { HeldDrafts } from './held-drafts.ts'

export interface OrdersLimits {
  /** Channels without subscribers that remember; the one that was longest without them forgets first. */
  readonly restingMax: number
  /** How long a channel remembers whose subscribers were lost with their worker, for they come back. */
  readonly awaitedMs: number
}

export interface Order {
  readonly channel: ChannelName
  /** The id that the next one follows; undefined: whatever comes next may follow. */
  last: string | undefined
  /** Undefined: nothing waits. */
  held: HeldDrafts | undefined
  /** It remembers until then although nobody subscribes; 0: nobody asked for that. */
  lingersUntil: number
  /** Nobody subscribes to it, and it is forgotten at that time; undefined: somebody does. */
  restsUntil: number | undefined
}

export interface OrdersDependencies {
  readonly clock: Clock
  readonly limits: OrdersLimits
  /** It is not there any more, and what it holds must go on. */
  forgotten(order: Order): void
}

export class Orders {
  readonly #dependencies: OrdersDependencies
  readonly #byChannel = new Map<string, Order>()
  /** Those that nobody subscribes to, in the order in which the last one left. */
  readonly #resting = new Set<Order>()

  constructor(dependencies: OrdersDependencies) {
    this.#dependencies = dependencies
  }

  get size(): number {
    return this.#byChannel.size
  }

  find(channel: string): Order | undefined {
    return this.#byChannel.get(channel)
  }

  all(): IterableIterator<Order> {
    return this.#byChannel.values()
  }

  /** Made where there is none. A new one keeps the name without what it was cut from. */
  touch(channel: ChannelName): Order {
    const existing = this.find(channel)
    if (existing !== undefined) return existing
    const name = ownText(channel) as ChannelName // the same name
    const order = { channel: name, last: undefined, held: undefined, lingersUntil: 0, restsUntil: undefined }
    this.#byChannel.set(name, order)
    return order
  }

  /** Somebody subscribes, and nobody did. */
  followed(channel: string): void {
    const order = this.find(channel)
    if (order === undefined) return
    order.restsUntil = undefined
    this.#resting.delete(order)
    this.tidy(order)
  }

  /** Whoever leaves last, the channel is remembered for so long from now on. */
  linger(channel: ChannelName, ms: number): void {
    const order = this.touch(channel)
    order.lingersUntil = Math.max(order.lingersUntil, this.#dependencies.clock.now() + ms)
  }

  /** Nobody subscribes any more; they come back if they are awaited. Returns for how long it is remembered. */
  unfollowed(channel: ChannelName, isAwaited: boolean): number {
    const order = this.find(channel)
    if (order === undefined) return 0
    const { clock, limits } = this.#dependencies
    const now = clock.now()
    const until = Math.max(order.lingersUntil, isAwaited ? now + limits.awaitedMs : 0)
    if (until <= now) this.#forget(order)
    else this.#rest(order, until)
    return Math.max(0, until - now)
  }

  /** Nobody subscribes to it, but they come back. */
  awaitSubscribers(order: Order): void {
    const { clock, limits } = this.#dependencies
    this.#rest(order, Math.max(order.lingersUntil, clock.now() + limits.awaitedMs))
  }

  /** Forgets one that has nothing to remember, if somebody subscribes to it: another one is made when it is needed. */
  tidy(order: Order): void {
    const isEmpty = order.last === undefined && order.held === undefined && order.lingersUntil === 0
    if (isEmpty && order.restsUntil === undefined) this.#byChannel.delete(order.channel)
  }

  expire(now: number): void {
    for (const order of this.#resting) if ((order.restsUntil ?? now) <= now) this.#forget(order)
  }

  #rest(order: Order, until: number): void {
    order.restsUntil = until
    this.#resting.add(order)
    for (const longest of this.#resting) {
      if (this.#resting.size <= this.#dependencies.limits.restingMax) return
      this.#forget(longest)
    }
  }

  #forget(order: Order): void {
    this.#resting.delete(order)
    this.#byChannel.delete(order.channel)
    this.#dependencies.forgotten(order)
  }
}
