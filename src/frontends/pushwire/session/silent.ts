// WebSockets whose client has not said yet who it is. Each has so long for its first message; and where strangers hold more of
// them than there may be, the one that has been silent for longest goes first, so that whoever speaks at once still gets in.
import { Cadence, type CadenceEntry } from '../../../std/cadence.ts'
import type { Clock } from '../../../std/clock.ts'

/** One of them. */
export interface SilentClient {
  /** Its first message did not come in time. */
  expire(): void
  /** There are too many: it must go now. */
  giveWay(): void
}

export interface SilentLimits {
  readonly deadlineMs: number
  readonly max: number
}

interface Place<Client> {
  readonly deadlines: Cadence<Client>
  readonly entry: CadenceEntry<Client>
}

export class Silent<Client extends SilentClient> {
  readonly #clock: Clock
  readonly #limits: () => SilentLimits
  #deadlineMs: number
  #deadlines: Cadence<Client>
  /** In the order in which they came. */
  readonly #places = new Map<Client, Place<Client>>()

  /** `limits`: as set now. A deadline is that of the time when a client came. */
  constructor(clock: Clock, limits: () => SilentLimits) {
    this.#clock = clock
    this.#limits = limits
    this.#deadlineMs = limits().deadlineMs
    this.#deadlines = this.#deadlinesOf(this.#deadlineMs)
  }

  get size(): number {
    return this.#places.size
  }

  add(client: Client): void {
    const { deadlineMs, max } = this.#limits()
    // Who came before keeps what it came to.
    if (deadlineMs !== this.#deadlineMs) this.#deadlines = this.#deadlinesOf(deadlineMs)
    this.#deadlineMs = deadlineMs
    this.#places.set(client, { deadlines: this.#deadlines, entry: this.#deadlines.add(client) })
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= max) return
      this.remove(oldest)
      oldest.giveWay()
    }
  }

  /** Harmless for one that is not among them. */
  remove(client: Client): void {
    const place = this.#places.get(client)
    if (place === undefined) return
    place.deadlines.remove(place.entry)
    this.#places.delete(client)
  }

  #deadlinesOf(ms: number): Cadence<Client> {
    return new Cadence(this.#clock, ms, client => client.expire())
  }
}
