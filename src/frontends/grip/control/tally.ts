// What Prometheus ports tell (contract §6.9), counted in each worker whether anybody asks or not: a few additions for each client.
import type { Clock } from '../../../std/clock.ts'
import type { Batch } from '../item/batch.ts'
import type { Transport } from '../item/transport.ts'
import type { Observer } from './observer.ts'

/** Plain data, for it crosses threads. */
export interface TallyReport {
  readonly requests: number
  /** Now. */
  readonly connections: number
  /** All connections together, so far. */
  readonly connectedMs: number
  readonly received: number
  readonly sent: number
}

/** How long so many were there, all together. */
export class Presence {
  readonly #clock: Pick<Clock, 'now'>
  #count = 0
  #ms = 0
  #sinceMs: number

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
    this.#sinceMs = clock.now()
  }

  get count(): number {
    return this.#count
  }

  get ms(): number {
    this.#settle()
    return this.#ms
  }

  add(change: 1 | -1): void {
    this.#settle()
    this.#count += change
  }

  #settle(): void {
    const now = this.#clock.now()
    this.#ms += this.#count * (now - this.#sinceMs)
    this.#sinceMs = now
  }
}

export class Tally implements Observer {
  readonly #present: Presence
  #requests = 0
  #received = 0
  #sent = 0

  constructor(clock: Pick<Clock, 'now'>) {
    this.#present = new Presence(clock)
  }

  get report(): TallyReport {
    const { count: connections, ms: connectedMs } = this.#present
    const [requests, received, sent] = [this.#requests, this.#received, this.#sent]
    return { requests, connections, connectedMs, received, sent }
  }

  opened(): void {
    this.#requests++
    this.#present.add(1)
  }

  closed(): void {
    this.#present.add(-1)
  }

  delivered(_route: string, transport: Transport, batch: Batch): void {
    this.#sent += batch.countFor(transport)
  }

  /** Whoever asks gets all of it. */
  renew(): void {}

  published(items: number): void {
    this.#received += items
  }

  held(): void {}
  subscribed(): void {}
  unsubscribed(): void {}
}
