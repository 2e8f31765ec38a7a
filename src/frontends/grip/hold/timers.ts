// One timer for all holds that wait equally long: origins name few different times, and there may be very many holds.
import { Cadence, type CadenceEntry } from '../../../std/cadence.ts'
import type { Clock } from '../../../std/clock.ts'

/** A run that is due; it may be put off. */
export interface Timer {
  /** Starts anew from now, unless it was cancelled. */
  restart(): void
  /** For good. Calling it twice is harmless. */
  cancel(): void
}

/** Different times that are remembered; one more is rounded up to the next power of two. */
const periodsMax = 1_000

/** 11 days, for Node.js waits no longer than 24; the original lets origins name 68 years. */
const msMax = 1_000_000_000

/**
 * What is due again and again is due up to 3 % earlier or later, in steps of 0.5 % that are taken in turn. One item starts the
 * clocks of all streams of a channel anew, and they shall not all be written to at one moment (contract §14, fault 18).
 */
const spread: readonly number[] = [0, -5, 3, -2, 6, -4, 1, -6, 4, -1, 5, -3, 2].map(step => 1 + step / 200)

export class Timers {
  readonly #clock: Clock
  readonly #cadences = new Map<number, Cadence<Entry>>()
  /** Those of `#cadences`, without the spread. */
  readonly #periods = new Set<number>()
  #turn = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  once(ms: number, run: () => void): Timer {
    return new Entry(this, this.#periodOf(ms), run, true)
  }

  /** Again and again, until it is cancelled. */
  every(ms: number, run: () => void): Timer {
    return new Entry(this, this.#periodOf(ms), run, false)
  }

  /** What serves a timer of that period until it is due the next time. */
  draw(period: number, isOnce: boolean): Cadence<Entry> {
    return this.#cadenceOf(isOnce ? period : period * this.#share())
  }

  #periodOf(ms: number): number {
    const bounded = Math.min(ms, msMax)
    if (this.#periods.has(bounded)) return bounded
    const period = this.#periods.size < periodsMax ? bounded : 2 ** Math.ceil(Math.log2(Math.max(1, bounded)))
    this.#periods.add(period)
    return period
  }

  #share(): number {
    this.#turn = (this.#turn + 1) % spread.length
    return spread[this.#turn] ?? 1
  }

  #cadenceOf(period: number): Cadence<Entry> {
    const known = this.#cadences.get(period)
    if (known !== undefined) return known
    const made = new Cadence<Entry>(this.#clock, period, entry => entry.fire())
    this.#cadences.set(period, made)
    return made
  }
}

class Entry implements Timer {
  readonly #timers: Timers
  readonly #period: number
  readonly #run: () => void
  readonly #isOnce: boolean
  /** Drawn anew each time that it starts. */
  #cadence: Cadence<Entry> | undefined
  #place: CadenceEntry<Entry> | undefined
  #isCancelled = false

  constructor(timers: Timers, period: number, run: () => void, isOnce: boolean) {
    this.#timers = timers
    this.#period = period
    this.#run = run
    this.#isOnce = isOnce
    this.restart()
  }

  restart(): void {
    this.#stop()
    if (this.#isCancelled) return
    this.#cadence = this.#timers.draw(this.#period, this.#isOnce)
    this.#place = this.#cadence.add(this)
  }

  cancel(): void {
    this.#isCancelled = true
    this.#stop()
  }

  fire(): void {
    if (this.#isOnce) this.#stop()
    else this.restart()
    this.#run()
  }

  #stop(): void {
    if (this.#place !== undefined) this.#cadence?.remove(this.#place)
    this.#place = undefined
  }
}
