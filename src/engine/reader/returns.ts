// When the clients that a stopping worker sends away are to come back: each is told a place of its own, so that the nodes that
// take them up see so many a second, however quickly they were closed. Nothing is kept of anybody.
import type { Random } from '../../std/random.ts'

/** Everybody is told this much at least: a client that comes at once finds the connection that is just being closed. */
const returnMsMin = 100

/**
 * Nobody is told more than four minutes, at the usual rate the place of the 120,000th: the next node keeps the channels of those who
 * were sent away for five (law 9), and a browser keeps what it was told until a stream says otherwise. Where there are more clients
 * their places move together.
 */
export const returnMsMax = 240_000

/** Of a node: 10,000 clients are back within 20 s, and whoever takes them up serves others meanwhile. */
export const returnsPerSecondDefault = 500

export interface ReturnPlan {
  /** Of this worker alone. */
  readonly perSecond: number
  /** Clients that know where they were: theirs are the first places. */
  readonly resuming: number
  readonly others: number
}

export class Returns {
  readonly #random: Random
  /** Between two places. */
  #stepMs = 0
  /** Places that were given. */
  readonly #given = { resuming: 0, others: 0 }
  /** Where those of the others begin. */
  #othersFrom = 0
  /** Places that are not where the rate alone would have them. */
  readonly counters = { returnsMaxExceeded: 0 }
  #isCrowded = false

  constructor(random: Random) {
    this.#random = random
  }

  /** Before the first place is given. */
  plan({ perSecond, resuming, others }: ReturnPlan): void {
    const clients = Math.max(1, resuming + others)
    const [paceMs, roomMs] = [1_000 / perSecond, (returnMsMax - returnMsMin) / clients]
    this.#stepMs = Math.min(paceMs, roomMs)
    this.#isCrowded = roomMs < paceMs
    this.#othersFrom = resuming
    this.#given.resuming = 0
    this.#given.others = 0
  }

  /** Milliseconds that one client is to wait. Nobody else is told the same place, and where in it is chance. */
  next(kind: 'resuming' | 'others'): number {
    const place = this.#given[kind]++ + (kind === 'others' ? this.#othersFrom : 0)
    const room = returnMsMax - returnMsMin
    const atMs = (place + this.#chance()) * this.#stepMs
    if (this.#isCrowded || atMs >= room) this.counters.returnsMaxExceeded++
    // Whoever was not counted and finds no room behind the others is among them.
    return Math.round(returnMsMin + (atMs < room ? atMs : atMs % room))
  }

  /** From 0 to below 1. */
  #chance(): number {
    return Number.parseInt(this.#random.hex(4), 16) / 0x1_0000_0000
  }
}
