// Lines about refused requests: enough to explain a refusal to whoever asks, never so many that a flood of bad
// requests floods the log. A token bucket per code; what it leaves out is counted and told.
import type { Clock } from '../std/clock.ts'
import type { Log } from './log.ts'

export interface RefusedRequest {
  readonly protocol: string
  /** The exchange: its id is made only if a line is written. */
  readonly request: { readonly id: string }
  /** HTTP status of the answer, or the protocol's own. */
  readonly status: number
  /** Where it is known to be a channel's name. Cut after 64 characters. */
  readonly channel?: string | undefined
}

/** Lines of one code at once, and per second after that: a person reads along, and a day of it fits on any disk. */
const burst = 5
const perSecond = 1
/** What was left out is told after this time even if nothing of its code is refused any more. */
const tellAfterMs = 10_000
/** Codes come from closed lists, far shorter than this; a mistake there must not grow without end. */
const codesMax = 256
const channelLengthMax = 64

interface Allowance {
  /** Lines that may be written now; a fraction grows with time. */
  lines: number
  sinceMs: number
  suppressed: number
  /** A timer will tell what was left out. */
  isTelling: boolean
}

/** One per room and worker. */
export class RefusalLog {
  readonly #log: Log
  readonly #clock: Clock
  readonly #allowances = new Map<string, Allowance>()

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /** `code` is one of the front-end's own reasons. Pass nothing that a client made up but the channel's name. */
  refused(code: string, { protocol, request, status, channel }: RefusedRequest): void {
    const allowance = this.#allowanceFor(code)
    if (!this.#take(allowance)) {
      allowance.suppressed++
      if (!allowance.isTelling) this.#tellLater(code, protocol, allowance)
      return
    }
    const place = channel === undefined ? {} : { channel: channel.slice(0, channelLengthMax).toWellFormed() }
    this.#log.info(
      { code, protocol, request: request.id, status, ...place, ...suppressedIn(allowance) },
      'refused',
    )
  }

  #allowanceFor(code: string): Allowance {
    const key = this.#allowances.size < codesMax ? code : ''
    const known = this.#allowances.get(code) ?? this.#allowances.get(key)
    if (known !== undefined) return known
    const fresh = { lines: burst, sinceMs: this.#clock.now(), suppressed: 0, isTelling: false }
    this.#allowances.set(key, fresh)
    return fresh
  }

  #take(allowance: Allowance): boolean {
    const now = this.#clock.now()
    const grown = allowance.lines + ((now - allowance.sinceMs) / 1_000) * perSecond
    allowance.lines = Math.min(burst, grown)
    allowance.sinceMs = now
    if (allowance.lines < 1) return false
    allowance.lines--
    return true
  }

  #tellLater(code: string, protocol: string, allowance: Allowance): void {
    allowance.isTelling = true
    this.#clock.after(tellAfterMs, () => {
      allowance.isTelling = false
      if (allowance.suppressed === 0) return
      // While the flood lasts its own lines tell the number, and none is left for this one.
      if (!this.#take(allowance)) return this.#tellLater(code, protocol, allowance)
      this.#log.info({ code, protocol, ...suppressedIn(allowance) }, 'refused')
    })
  }
}

/** The number is told once. */
function suppressedIn(allowance: Allowance): { readonly suppressed?: number } {
  const { suppressed } = allowance
  allowance.suppressed = 0
  return suppressed === 0 ? {} : { suppressed }
}
