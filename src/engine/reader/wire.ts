// What the engine knows of one connection's way out: whether it takes more. Shared by all subscriptions of the
// connection. What was written last is the business of the connection; everything after it waits in the windows.
import type { Clock } from '../../std/clock.ts'
import { type LaneRules, Lanes, listWithout, rotated, type WireEnd } from './lanes.ts'

/** Bytes on their way, and the memory that keeps them: none where they were copied. */
export interface UnderWayBytes {
  readonly length: number
  readonly buffer?: ArrayBufferLike
}

const noEnds: readonly WireEnd[] = []

export class Wire {
  /** Since when it takes nothing, as far as it is known; undefined: it takes more. */
  blockedSince: number | undefined
  /** What was offered last and not yet taken. */
  underWay: UnderWayBytes | undefined
  /** The connection copies what it does not take, as a WebSocket does; else it keeps a view of it. */
  readonly copies: boolean
  /**
   * What leads to it. One lane, as nearly all have, is a list and pays for no other. Lists are made anew by what changes
   * them, in ways that take no more than they hold: one that is pushed to, spread or filtered makes room for 17, 150 bytes.
   */
  #ends: readonly WireEnd[] | Lanes = noEnds

  constructor({ copies = false }: { copies?: boolean } = {}) {
    this.copies = copies
  }

  get blocked(): boolean {
    return this.blockedSince !== undefined
  }

  /** Notes the answer to an offer. Whatever is written to a wire that is behind, it is not younger for it. */
  offered(bytes: UnderWayBytes, taken: boolean, clock: Clock): void {
    if (taken) return
    this.blockedSince ??= clock.now()
    this.underWay ??= bytes
  }

  /** It takes what it was given last, though not yet all of it. */
  progressed(clock: Clock): void {
    if (this.blocked) this.blockedSince = clock.now()
  }

  drained(): void {
    this.blockedSince = undefined
    this.underWay = undefined
  }

  /** Undefined: all that leads to it has one priority. */
  get lanes(): Lanes | undefined {
    // Asked at every write: `instanceof` is dearer.
    return Array.isArray(this.#ends) ? undefined : (this.#ends as Lanes) // which TypeScript does not see of readonly lists
  }

  /** The hub's business, see `outboxesOf`. In the order in which they are drained. */
  get ends(): readonly WireEnd[] {
    return this.lanes?.ends ?? (this.#ends as readonly WireEnd[]) // the other of both
  }

  add(end: WireEnd, rules: LaneRules): void {
    const { lanes, ends } = this
    if (lanes !== undefined) lanes.add(end)
    else if (ends.length === 0 || ends[0]?.lane === end.lane) this.#ends = ends.concat(end)
    else this.#ends = new Lanes(rules, ends.concat(end))
  }

  remove(end: WireEnd): void {
    const { lanes } = this
    lanes?.remove(end)
    const ends = listWithout(this.ends, end)
    // Those of lanes go lane by lane.
    if (lanes === undefined || ends.at(0)?.lane === ends.at(-1)?.lane) this.#ends = ends
  }

  /** The first one is drained last from here on, or the first one of each lane. */
  rotate(): void {
    const { lanes, ends } = this
    if (lanes !== undefined) lanes.rotate()
    else if (ends.length > 1) this.#ends = rotated(ends)
  }
}
