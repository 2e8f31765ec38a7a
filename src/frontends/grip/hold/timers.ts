// One timer for all holds that wait equally long: origins name few different times, and there may be very many holds.
import { Cadence, type CadenceEntry } from '../../../std/cadence.ts'
import type { Clock } from '../../../std/clock.ts'

/** A run that is due; it may be put off. */
export interface Timer {
  /** Starts anew from now. */
  restart(): void
  /** Calling it twice is harmless. */
  cancel(): void
}

interface Waiting {
  readonly run: () => void
  readonly isOnce: boolean
  entry: CadenceEntry<Waiting> | undefined
}

/** Different times that are remembered; one more is rounded up to the next power of two. */
const periodsMax = 1_000

export class Timers {
  readonly #clock: Clock
  readonly #cadences = new Map<number, Cadence<Waiting>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  once(ms: number, run: () => void): Timer {
    return this.#start(ms, run, true)
  }

  /** Again and again, until it is cancelled. */
  every(ms: number, run: () => void): Timer {
    return this.#start(ms, run, false)
  }

  #start(ms: number, run: () => void, isOnce: boolean): Timer {
    const cadence = this.#cadenceOf(ms)
    const waiting: Waiting = { run, isOnce, entry: undefined }
    waiting.entry = cadence.add(waiting)
    const cancel = () => {
      if (waiting.entry !== undefined) cadence.remove(waiting.entry)
      waiting.entry = undefined
    }
    return {
      cancel,
      restart() {
        cancel()
        waiting.entry = cadence.add(waiting)
      },
    }
  }

  #cadenceOf(ms: number): Cadence<Waiting> {
    const isNew = !this.#cadences.has(ms) && this.#cadences.size >= periodsMax
    const period = isNew ? 2 ** Math.ceil(Math.log2(Math.max(1, ms))) : ms
    const known = this.#cadences.get(period)
    if (known !== undefined) return known
    const made = new Cadence<Waiting>(this.#clock, period, waiting => fire(made, waiting))
    this.#cadences.set(period, made)
    return made
  }
}

function fire(cadence: Cadence<Waiting>, waiting: Waiting): void {
  if (waiting.isOnce && waiting.entry !== undefined) {
    cadence.remove(waiting.entry)
    waiting.entry = undefined
  }
  waiting.run()
}
