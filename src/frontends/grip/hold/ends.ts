// Why what a client held came to its end: a closed list, counted for each kind of hold, so that an operator sees whether
// clients leave or are let go of.

/** The label `reason` of the metrics. */
export type EndCause =
  /** The client closed its connection, or its network did. */
  | 'client-left'
  /** An item answered the poll, or closed the stream or the socket. */
  | 'published'
  /** Of a poll: its time had come, and it got its stored answer. */
  | 'timeout'
  /** The origin said the last word: a page with nothing behind it, a plain answer to a poll, the close of a socket. */
  | 'origin'
  /** The origin could not be used, or what it said could not be. */
  | 'origin-failed'
  /** Publications were missing, and no page could have them. */
  | 'missed'
  /** The client did not take what was sent, for longer or by more than its channel allows. */
  | 'slow'
  /** More items came while its origin was asked than may wait. */
  | 'overflow'
  /** More deliveries would have waited for their turn than may, or for longer. */
  | 'rate'
  /** The node stops. */
  | 'stopped'
  /** An operator closed it. */
  | 'closed'
  /** There was no room to keep the stored answer of a poll. */
  | 'full'
  /** The engine refused it, or lost it. */
  | 'lost'

/** As statistics call it (contract §6.8). */
export type Mode = 'stream' | 'response' | 'ws'

const names: Readonly<Record<Mode, string>> = { stream: 'streamEnds', response: 'pollEnds', ws: 'socketEnds' }

export class Ends {
  readonly #counts = new Map<string, number>()

  count(mode: Mode, cause: EndCause): void {
    const key = `${names[mode]}.${cause}`
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  /** By the names of the metrics; what never happened is left out. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
