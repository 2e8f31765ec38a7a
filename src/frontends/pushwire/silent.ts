// WebSockets whose client has not said yet who it is. Each has so long for its first message; and where strangers hold more of
// them than there may be, the one that has been silent for longest goes first, so that whoever speaks at once still gets in.
import { Cadence, type CadenceEntry } from '../../std/cadence.ts'
import type { Clock } from '../../std/clock.ts'

/** One of them. */
export interface SilentClient {
  /** Its first message did not come in time. */
  expire(): void
  /** There are too many: it must go now. */
  giveWay(): void
}

export class Silent<Client extends SilentClient> {
  readonly #deadlines: Cadence<Client>
  readonly #max: () => number
  /** In the order in which they came. */
  readonly #entries = new Map<Client, CadenceEntry<Client>>()

  /** `max`: as set now. */
  constructor(clock: Clock, deadlineMs: number, max: () => number) {
    this.#deadlines = new Cadence(clock, deadlineMs, client => client.expire())
    this.#max = max
  }

  get size(): number {
    return this.#entries.size
  }

  add(client: Client): void {
    this.#entries.set(client, this.#deadlines.add(client))
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#max()) return
      this.remove(oldest)
      oldest.giveWay()
    }
  }

  /** Harmless for one that is not among them. */
  remove(client: Client): void {
    const entry = this.#entries.get(client)
    if (entry === undefined) return
    this.#deadlines.remove(entry)
    this.#entries.delete(client)
  }
}
