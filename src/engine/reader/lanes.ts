// Law 20: the subscriptions of one wire whose channels differ in priority, and which of them may write next. A higher lane
// goes first, but after so much of it a lower one that waits gets one frame. A wire with one lane has none of this.
import type { Priority } from '../words/namespace.ts'

/** Of three. The least goes first. */
export type Lane = 0 | 1 | 2

const laneOfPriority = { high: 0, normal: 1, low: 2 } as const satisfies Record<Priority, Lane>

export function laneOf({ namespace }: { readonly namespace: { readonly priority: Priority } }): Lane {
  return laneOfPriority[namespace.priority]
}

/** An end of a subscription. */
export interface WireEnd {
  readonly lane: Lane
  /** It is live, and there is something that it was not offered. */
  readonly waits: boolean
}

export interface LaneLimits {
  /** Frames, and bytes, that higher lanes of a wire may write while a lower one waits for its next frame. */
  readonly laneFramesMax: number
  readonly laneBytesMax: number
  /** Steps of the fan-out for channels of higher lanes while one of a lower lane waits for its next one. */
  readonly laneStepsMax: number
}

export interface LaneRules extends Omit<LaneLimits, 'laneStepsMax'> {
  /** Nobody of a higher lane waits any more: it must be offered what it was not. */
  wake(end: WireEnd): void
}

/** The most that one write may carry, one frame at least. */
export interface Share {
  readonly frames: number
  readonly bytes: number
}

/** A lane in which somebody waits, and what higher ones wrote since it had its turn. */
interface Waiting {
  readonly lane: Lane
  /** In the order in which they are given a turn of its own. */
  readonly ends: Set<WireEnd>
  frames: number
  bytes: number
}

const nobody: readonly Waiting[] = []

const oneFrame: Share = { frames: 1, bytes: Number.MAX_SAFE_INTEGER }

export class Lanes {
  readonly #rules: LaneRules
  /** Lane by lane; in each, in the order in which they are drained. */
  #ends: readonly WireEnd[]
  /** The highest first. */
  #waiting = nobody

  constructor(rules: LaneRules, ends: readonly WireEnd[]) {
    this.#rules = rules
    this.#ends = ends.toSorted((a, b) => a.lane - b.lane)
  }

  get ends(): readonly WireEnd[] {
    return this.#ends
  }

  add(end: WireEnd): void {
    const place = this.#ends.findIndex(({ lane }) => lane > end.lane)
    this.#ends = this.#ends.toSpliced(place < 0 ? this.#ends.length : place, 0, end)
  }

  /** It waits for nothing any more. */
  remove(end: WireEnd): void {
    this.#ends = listWithout(this.#ends, end)
    this.#goesOn(end)
  }

  /** The first one of each lane is drained last from here on. */
  rotate(): void {
    this.#ends = rotated(this.#ends)
  }

  /** Whether it waits may have changed. */
  note(end: WireEnd): void {
    if (!end.waits) return this.#goesOn(end)
    const { lane } = end
    const waiting = this.#waitingIn(lane)
    if (waiting !== undefined) return void waiting.ends.add(end)
    const made: Waiting = { lane, ends: new Set([end]), frames: 0, bytes: 0 }
    this.#waiting = [...this.#waiting, made].sort((a, b) => a.lane - b.lane)
  }

  /** It may write: no higher lane waits, or enough went ahead of its own. */
  lets({ lane }: WireEnd): boolean {
    // What came in this turn need not have been noted.
    for (const other of this.#ends) {
      if (other.lane >= lane) break
      this.note(other)
    }
    const [first] = this.#waiting
    if (first === undefined || first.lane >= lane) return true
    const waiting = this.#waitingIn(lane)
    return waiting !== undefined && this.#isOwed(waiting)
  }

  /** Whoever of a lower lane goes before `due` writes again; each time another one. Its own turn its lane has first. */
  owedBelow(due: WireEnd): WireEnd | undefined {
    for (const waiting of this.#waiting) {
      if (waiting.lane < due.lane) return undefined
      if (waiting.lane === due.lane || !this.#isOwed(waiting)) continue
      const [end] = waiting.ends
      if (end === undefined) continue
      waiting.ends.delete(end)
      waiting.ends.add(end)
      // As in `lets`: unnoted, it would not keep the share of the lower one to a frame.
      this.note(due)
      return end
    }
    return undefined
  }

  /** What one of this lane may write at once; undefined: as much as on any wire. */
  share(lane: Lane): Share | undefined {
    const [first] = this.#waiting
    if (first === undefined) return undefined
    if (first.lane < lane) return oneFrame
    const lower = this.#waiting.filter(waiting => waiting.lane > lane)
    if (lower.length === 0) return undefined
    const { laneFramesMax, laneBytesMax } = this.#rules
    return {
      frames: Math.max(1, laneFramesMax - Math.max(...lower.map(({ frames }) => frames))),
      bytes: Math.max(1, laneBytesMax - Math.max(...lower.map(({ bytes }) => bytes))),
    }
  }

  wrote(lane: Lane, frames: number, bytes: number): void {
    for (const waiting of this.#waiting) {
      if (waiting.lane > lane) {
        waiting.frames += frames
        waiting.bytes += bytes
      } else if (waiting.lane === lane) {
        waiting.frames = 0
        waiting.bytes = 0
      }
    }
  }

  #isOwed({ frames, bytes }: Waiting): boolean {
    return frames >= this.#rules.laneFramesMax || bytes >= this.#rules.laneBytesMax
  }

  #waitingIn(lane: Lane): Waiting | undefined {
    for (const waiting of this.#waiting) if (waiting.lane === lane) return waiting
    return undefined
  }

  /** The last one of the highest lane that waits wakes the next lane. */
  #goesOn(end: WireEnd): void {
    const waiting = this.#waitingIn(end.lane)
    if (!waiting?.ends.delete(end) || waiting.ends.size > 0) return
    const wasFirst = this.#waiting[0] === waiting
    this.#waiting = this.#waiting.filter(each => each !== waiting)
    const [next] = this.#waiting
    if (wasFirst && next !== undefined) for (const each of next.ends) this.#rules.wake(each)
  }
}

/** Of ends that stand lane by lane: in each of them the first one is the last. */
export function rotated(ends: readonly WireEnd[]): readonly WireEnd[] {
  return ends.map((end, place) => {
    const next = ends[place + 1]
    return next?.lane === end.lane ? next : (ends.find(({ lane }) => lane === end.lane) ?? end)
  })
}

export function listWithout(ends: readonly WireEnd[], end: WireEnd): readonly WireEnd[] {
  const place = ends.indexOf(end)
  return place < 0 ? ends : ends.toSpliced(place, 1)
}
