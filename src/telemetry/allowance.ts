// How many lines of a kind may be written: a token bucket for each code, so that no flood of one floods the log, and
// what it leaves out is counted and told.
import type { Clock } from '../std/clock.ts'

/** Lines of one code at once, and per second after that: a person reads along, and a day of it fits on any disk. */
const burst = 5
const perSecond = 1
/** What was left out is told after this time even if nothing of its code happens any more. */
const tellAfterMs = 10_000
/** Codes come from closed lists, far shorter than this; a mistake there must not grow without end. */
const codesMax = 256

interface Bucket {
  /** Lines that may be written now; a fraction grows with time. */
  lines: number
  sinceMs: number
  suppressed: number
  /** A timer will tell what was left out. */
  isTelling: boolean
}

/** For a line's fields: how many others of its code were left out since the last one. */
export interface Suppressed {
  readonly suppressed?: number
}

export class Allowance {
  readonly #clock: Clock
  readonly #buckets = new Map<string, Bucket>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `write` now, or counts and calls `tell` later, once for all that were left out by then. */
  spend(code: string, write: (left: Suppressed) => void, tell: (left: Suppressed) => void): void {
    const bucket = this.#bucketFor(code)
    if (this.#take(bucket)) return write(suppressedIn(bucket))
    bucket.suppressed++
    if (!bucket.isTelling) this.#tellLater(bucket, tell)
  }

  #bucketFor(code: string): Bucket {
    const key = this.#buckets.size < codesMax ? code : ''
    const known = this.#buckets.get(code) ?? this.#buckets.get(key)
    if (known !== undefined) return known
    const fresh = { lines: burst, sinceMs: this.#clock.now(), suppressed: 0, isTelling: false }
    this.#buckets.set(key, fresh)
    return fresh
  }

  #take(bucket: Bucket): boolean {
    const now = this.#clock.now()
    const grown = bucket.lines + ((now - bucket.sinceMs) / 1_000) * perSecond
    bucket.lines = Math.min(burst, grown)
    bucket.sinceMs = now
    if (bucket.lines < 1) return false
    bucket.lines--
    return true
  }

  #tellLater(bucket: Bucket, tell: (left: Suppressed) => void): void {
    bucket.isTelling = true
    this.#clock.after(tellAfterMs, () => {
      bucket.isTelling = false
      if (bucket.suppressed === 0) return
      // While the flood lasts its own lines tell the number, and none is left for this one.
      if (!this.#take(bucket)) return this.#tellLater(bucket, tell)
      tell(suppressedIn(bucket))
    })
  }
}

/** The number is told once. */
function suppressedIn(bucket: Bucket): Suppressed {
  const { suppressed } = bucket
  bucket.suppressed = 0
  return suppressed === 0 ? {} : { suppressed }
}

const channelLengthMax = 64

/** A channel's name as lines carry it: cut after 64 characters. */
export function channelField(channel: string): string {
  return channel.slice(0, channelLengthMax).toWellFormed()
}
