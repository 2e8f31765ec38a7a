// How fast a session goes where its client said so, or asks for much: frames that it takes before it acknowledges (contract
// §1.4, `slow`), and how often owners are asked for histories. Few sessions ever have one.
import type { Wire } from '../../../engine/reader/wire.ts'
import type { Offset } from '../../../engine/words/position.ts'
import type { Refusal } from '../../../engine/words/refusal.ts'
import type { Cancel, Clock } from '../../../std/clock.ts'
import { RateLimiter } from '../../../std/rate-limiter.ts'
import type { Feed } from './feed.ts'
import { Flow } from './flow.ts'

/** The session. */
export interface PaceHost {
  readonly feeds: readonly Feed[]
  readonly wire: Wire
  readonly isOver: boolean
  /** What was written last has not left. */
  readonly isBehind: boolean
  refused(refusal: Refusal): void
}

/** Each question may be answered by a whole history, of some MiB, which no link counts: so many at once, and so many a second. */
const askingLimits = { rate: 16, burst: 64 } as const
/** When feeds look again whether they may ask. */
const laterMs = 100

export class Pace {
  readonly #host: PaceHost
  readonly #clock: Clock
  readonly #asking: RateLimiter
  /** Undefined: its client takes what comes. */
  #flow: Flow | undefined
  #later: Cancel | undefined
  /** Of the last write. */
  lastBytes = 0

  constructor(host: PaceHost, clock: Clock) {
    this.#host = host
    this.#clock = clock
    this.#asking = new RateLimiter(askingLimits, clock.now())
  }

  /** Whether an owner may be asked for a history now, for this session. */
  mayAsk(): boolean {
    return this.#asking.take(this.#clock.now())
  }

  /** A feed that would ask goes on when it may. */
  hold(feed: Feed): void {
    feed.hold()
    this.#goOnLater()
  }

  /** Undefined: as many as like. */
  limit(window: number | undefined): void {
    this.#flow = window === undefined ? undefined : new Flow(window)
    this.goOnAll()
  }

  acked(feed: Feed, offset: Offset): void {
    this.#flow?.acked(feed.name, offset)
    this.#goOn(feed)
  }

  missed(feed: Feed, offset: Offset): void {
    this.#flow?.missed(feed.name, offset)
  }

  roomFrom(feed: Feed, from: Offset): number {
    return this.#flow === undefined ? Number.POSITIVE_INFINITY : this.#flow.roomFrom(feed.name, from)
  }

  goOnAll(): void {
    for (const feed of [...this.#host.feeds]) this.#goOn(feed)
  }

  /** If its client takes more of it, and the wire more at all. */
  #goOn(feed: Feed): void {
    const host = this.#host
    if (!feed.isHeldBack || host.isOver || host.wire.blocked) return
    const isReady = feed.release()
    // The engine notes it of what it offers, and did not offer this.
    if (host.isBehind) host.wire.offered({ length: this.lastBytes }, false, this.#clock)
    if (!isReady || host.isOver) return
    if (!this.mayAsk()) return this.#goOnLater()
    const refusal = feed.comeBack()
    if (refusal !== undefined) host.refused(refusal)
  }

  #goOnLater(): void {
    this.#later ??= this.#clock.after(laterMs, () => {
      this.#later = undefined
      this.goOnAll()
    })
  }

  leave(): void {
    this.#later?.()
  }
}
