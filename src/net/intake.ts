// The bodies that a worker is in the middle of: together they stay under a bound, and each has a deadline.
import type { Clock } from '../std/clock.ts'
import type { NetSettings } from './settings.ts'

/** Why a body that is not complete is refused. */
export type Impatience = 'late' | 'crowded-out'

export interface Unfinished {
  /** Leaves the intake, and ends the request. */
  giveUp(why: Impatience): void
}

interface Entry {
  bytes: number
  readonly dueMs: number
}

/** As whoever collects a body sees it. */
export type BodyIntake = Pick<Intake, 'hold' | 'release'>

export class Intake {
  readonly counters = { bodiesLate: 0, bodiesCrowdedOut: 0, bodiesBytes: 0 }
  readonly #clock: Clock
  readonly #settings: NetSettings
  /** In the order in which they began, and so in that of their deadlines. */
  readonly #entries = new Map<Unfinished, Entry>()
  #armed = false

  constructor(clock: Clock, settings: NetSettings) {
    this.#clock = clock
    this.#settings = settings
  }

  /** What it holds now. Over the bound the oldest are given up, perhaps this one. */
  hold(unfinished: Unfinished, bytes: number): void {
    const entry = this.#entries.get(unfinished) ?? this.#begin(unfinished)
    this.counters.bodiesBytes += bytes - entry.bytes
    entry.bytes = bytes
    while (this.counters.bodiesBytes > this.#settings.bodiesBytesMax) {
      const [oldest] = this.#entries.keys()
      if (oldest === undefined) return
      this.counters.bodiesCrowdedOut++
      this.#giveUp(oldest, 'crowded-out')
    }
  }

  /** Complete, refused or lost. Harmless for one that is not held. */
  release(unfinished: Unfinished): void {
    const entry = this.#entries.get(unfinished)
    if (entry === undefined) return
    this.counters.bodiesBytes -= entry.bytes
    this.#entries.delete(unfinished)
  }

  #begin(unfinished: Unfinished): Entry {
    const entry = { bytes: 0, dueMs: this.#clock.now() + this.#settings.bodyMsMax }
    this.#entries.set(unfinished, entry)
    this.#arm()
    return entry
  }

  #giveUp(unfinished: Unfinished, why: Impatience): void {
    this.release(unfinished)
    unfinished.giveUp(why)
  }

  #arm(): void {
    const [first] = this.#entries.values()
    if (this.#armed || first === undefined) return
    this.#armed = true
    this.#clock.after(Math.max(0, first.dueMs - this.#clock.now()), () => this.#expire())
  }

  #expire(): void {
    this.#armed = false
    const now = this.#clock.now()
    for (const [unfinished, { dueMs }] of this.#entries) {
      if (dueMs > now + 0.5) break // timers may fire a little early
      this.counters.bodiesLate++
      this.#giveUp(unfinished, 'late')
    }
    this.#arm()
  }
}
