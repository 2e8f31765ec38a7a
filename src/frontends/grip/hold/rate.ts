// How many deliveries a worker makes a second (contract §6.10), each one item for one client. What comes too early waits here,
// the rules taking turns, so that a busy one does not keep the others waiting. Nothing is kept here but who waits: what is
// left of a batch is kept by its hold, and everything behind that by the engine, within its bounds for clients that are behind.
import type { Clock } from '../../../std/clock.ts'

export interface RateLimits {
  /** Deliveries a second; 0: as they come. */
  readonly rate: number
  /** Deliveries that may wait; 0: any number. */
  readonly waitingMax: number
  /** Bytes of a delivery that counts as one; 0: each does. */
  readonly blockBytes: number
}

/** One client that has deliveries waiting. */
export interface Waiter {
  /** Rules without an id are one: the empty text. */
  readonly route: string
  /** Makes its next delivery, and says what it cost. */
  turn(): number
  /** Others are left. */
  readonly isWaiting: boolean
}

/** As the original gathers them. */
const turnMs = 25
/** A timer that comes late must not lower the rate, nor an idle time raise it by more than this. */
const savedMs = 50

export class DeliveryRate {
  readonly #clock: Clock
  readonly #limits: RateLimits
  /** May be less than none, for a delivery of many blocks is made whole. */
  #left: number
  #filledAt: number
  #isArmed = false
  /** The first of each rule is served next, and the first of all rules before the others. */
  readonly #queues = new Map<string, Set<Waiter>>()
  /** Deliveries that wait. */
  waiting = 0

  constructor(clock: Clock, limits: RateLimits) {
    this.#clock = clock
    this.#limits = limits
    this.#left = this.#saved
    this.#filledAt = clock.now()
  }

  /** What a delivery of so many bytes counts for. */
  costOf(bytes: number): number {
    return blocksOf(bytes, this.#limits.blockBytes) ?? 1
  }

  /** False: it must wait, and nothing was taken. */
  take(cost: number): boolean {
    if (this.#queues.size > 0) return false
    this.#fill()
    if (this.#left < 1) return false
    this.#left -= cost
    return true
  }

  /** So many of `count` may wait from now on, in the turns of the waiter. */
  wait(waiter: Waiter, count: number): number {
    const { waitingMax } = this.#limits
    const taken = waitingMax === 0 ? count : Math.min(count, Math.max(0, waitingMax - this.waiting))
    if (taken === 0) return 0
    this.waiting += taken
    this.queue(waiter)
    return taken
  }

  /** It takes turns, behind all that wait; what it waits for is counted already. */
  queue(waiter: Waiter): void {
    const queue = this.#queues.get(waiter.route) ?? new Set()
    queue.add(waiter)
    this.#queues.set(waiter.route, queue)
    this.#arm()
  }

  /** It takes no turns for now, or for good: then `count` of its deliveries wait no more. */
  leave(waiter: Waiter, count = 0): void {
    this.waiting -= count
    const queue = this.#queues.get(waiter.route)
    queue?.delete(waiter)
    if (queue?.size === 0) this.#queues.delete(waiter.route)
  }

  get #saved(): number {
    return Math.max(1, (this.#limits.rate * savedMs) / 1_000)
  }

  #fill(): void {
    const now = this.#clock.now()
    const grown = this.#left + ((now - this.#filledAt) * this.#limits.rate) / 1_000
    this.#left = Math.min(this.#saved, grown)
    this.#filledAt = now
  }

  #arm(): void {
    if (this.#isArmed || this.#queues.size === 0) return
    this.#isArmed = true
    const dueMs = ((1 - this.#left) * 1_000) / this.#limits.rate
    this.#clock.after(Math.max(turnMs, dueMs), () => this.#serve())
  }

  #serve(): void {
    this.#isArmed = false
    this.#fill()
    // Some 10⁻⁹ are lost in the sums, and must not cost a turn.
    while (this.#left > 1 - 1e-6) {
      const [first] = this.#queues
      if (first === undefined) return
      this.#serveFirst(...first)
    }
    this.#arm()
  }

  #serveFirst(route: string, queue: Set<Waiter>): void {
    this.#queues.delete(route)
    const [waiter] = queue
    if (waiter === undefined) return // nobody is left of it
    queue.delete(waiter)
    if (queue.size > 0) this.#queues.set(route, queue)
    this.waiting--
    this.#left -= waiter.turn()
    if (waiter.isWaiting) this.queue(waiter)
  }
}

/** Begun blocks of a content, and one where it is empty; undefined: there are no blocks. */
export function blocksOf(bytes: number, blockBytes: number): number | undefined {
  return blockBytes === 0 ? undefined : Math.max(1, Math.ceil(bytes / blockBytes))
}

/** One worker's share of what is set for the node; undefined: there is no limit. */
export function rateOf(
  clock: Clock,
  settings: { readonly messageRate: number; readonly messageHwm: number; readonly messageBlockBytes: number },
  workers: number,
): DeliveryRate | undefined {
  if (settings.messageRate === 0) return undefined
  return new DeliveryRate(clock, {
    rate: settings.messageRate / workers,
    waitingMax: Math.ceil(settings.messageHwm / workers),
    blockBytes: settings.messageBlockBytes,
  })
}
