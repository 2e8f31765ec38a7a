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
/** Of a wire that knows nothing of what leads to it. */
const unknownEnds: readonly WireEnd[] = []

export class Wire {
  /** Since when it takes nothing, as far as it is known; undefined: it takes more. */
  blockedSince: number | undefined
  /** What was offered last and not yet taken. */
  underWay: UnderWayBytes | undefined
  /** The connection copies what it does not take, as a WebSocket does; else it keeps a view of it. */
  readonly copies: boolean
  /**
   * What leads to it, where that has one priority: most wires have one end, which costs no list. Lists are made anew by what
   * changes them, in ways that take no more than they hold: one that is pushed to makes room for 17, 150 bytes.
   */
  #ends: WireEnd | readonly WireEnd[] = noEnds
  /** Undefined: all that leads to it has one priority. Asked at every write. */
  #lanes: Lanes | undefined

  /** `isShared`: of any number of subscribers, each of which takes everything at once. It does not know them. */
  constructor({ copies = false, isShared = false }: { copies?: boolean; isShared?: boolean } = {}) {
    this.copies = copies
    if (isShared) this.#ends = unknownEnds
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

  get lanes(): Lanes | undefined {
    return this.#lanes
  }

  /** The hub's business, see `outboxesOf`. In the order in which they are drained. */
  get ends(): readonly WireEnd[] {
    if (this.#lanes !== undefined) return this.#lanes.ends
    return isList(this.#ends) ? this.#ends : [this.#ends]
  }

  add(end: WireEnd, rules: LaneRules): void {
    if (this.#ends === unknownEnds) return
    if (this.#lanes !== undefined) return this.#lanes.add(end)
    const { ends } = this
    if (ends.length === 0) this.#ends = end
    else if (ends[0]?.lane === end.lane) this.#ends = ends.concat(end)
    else this.#lanes = new Lanes(rules, ends.concat(end))
  }

  remove(end: WireEnd): void {
    if (this.#ends === unknownEnds) return
    const lanes = this.#lanes
    lanes?.remove(end)
    const ends = listWithout(this.ends, end)
    // Those of lanes go lane by lane.
    if (lanes !== undefined && ends.at(0)?.lane !== ends.at(-1)?.lane) return
    this.#lanes = undefined
    const [only] = ends
    this.#ends = ends.length === 1 && only !== undefined ? only : ends
  }

  /** The first one is drained last from here on, or the first one of each lane. */
  rotate(): void {
    const { ends } = this
    if (this.#lanes !== undefined) this.#lanes.rotate()
    else if (ends.length > 1) this.#ends = rotated(ends)
  }
}

/** Which TypeScript does not see of readonly lists. */
function isList(ends: WireEnd | readonly WireEnd[]): ends is readonly WireEnd[] {
  return Array.isArray(ends)
}
