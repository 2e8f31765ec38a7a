// Passes: at the end of a turn each channel with news is walked once, in slices, round robin over the channels, so
// that one large broadcast does not stall the others (law 3).
import type { Clock } from '../../std/clock.ts'
import { Deque } from '../../std/deque.ts'
import { setBehind } from './audience.ts'
import type { Audience, FlushLimits, Outbox, Pass } from './outbox.ts'
import type { Missing } from './window.ts'

/** Walking past a subscriber costs a hundredth of a write; a step walks at most this many times its writes. */
const visitsPerWrite = 50

export interface FanoutDependencies {
  readonly clock: Clock
  readonly limits: FlushLimits & { readonly sliceSubscribers: number }
  /** Something is about to be offered after a gap. */
  tellGap(outbox: Outbox): void
  /** It was offered everything up to a publication that its format has no frame for. */
  missed(outbox: Outbox, missing: Missing): void
  /** A pass ended: leavers may be compacted, slow ones judged, the window trimmed. */
  passed(audience: Audience, pass: Pass): void
}

export class Fanout {
  readonly #dependencies: FanoutDependencies
  readonly #queue = new Deque<Audience>()
  #armed = false
  readonly counters = { passes: 0, writes: 0 }

  constructor(dependencies: FanoutDependencies) {
    this.#dependencies = dependencies
  }

  /** Walks the audience at the end of this turn, or goes on walking it. */
  schedule(audience: Audience): void {
    if (audience.queued) return
    audience.queued = true
    this.#queue.push(audience)
    this.#arm()
  }

  /** For one that is behind: a pass under way may be past its place already. */
  scheduleAgain(audience: Audience): void {
    if (audience.pass !== undefined) audience.pass.unfinished = true
    this.schedule(audience)
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    this.#dependencies.clock.endOfTurn(() => this.#turn())
  }

  #turn(): void {
    this.#armed = false
    let budget = this.#dependencies.limits.sliceSubscribers
    for (let left = this.#queue.length; left > 0 && budget > 0; left--) {
      const audience = this.#queue.take()
      if (audience === undefined) break
      audience.queued = false
      budget -= this.#step(audience, budget)
    }
    if (this.#queue.length > 0) this.#arm()
  }

  /** Returns the writes it made, and the steps past what has no frame. */
  #step(audience: Audience, budget: number): number {
    const { limits, clock } = this.#dependencies
    const pass = audience.pass ?? beginPass(audience)
    const stop = Math.min(pass.count, pass.index + budget * visitsPerWrite)
    let writes = 0
    while (pass.index < stop && writes < budget) {
      const outbox = audience.outboxes[pass.index++]
      if (outbox === undefined) continue
      if (!outbox.isDue(pass.end)) {
        // Another channel may have filled its wire: what waits for it is kept all the same.
        if (outbox.isHeldUp(pass.end)) setBehind(audience, outbox, true)
        continue
      }
      if (outbox.skipped) this.#dependencies.tellGap(outbox)
      const slice = outbox.flush(pass.end, limits, clock)
      if (slice === undefined) continue
      writes++
      if (slice.frames.length > 0) this.counters.writes++
      if (slice.missing !== undefined) this.#dependencies.missed(outbox, slice.missing)
      if (outbox.closed) continue
      const reached = outbox.next !== undefined && outbox.next >= pass.end
      const { blocked } = outbox.subscriber.wire
      if (!reached && !blocked) pass.unfinished = true
      if (!reached || blocked || audience.behind !== undefined)
        setBehind(audience, outbox, !reached || blocked)
    }
    if (pass.index < pass.count) this.schedule(audience)
    else this.#end(audience, pass)
    return writes
  }

  #end(audience: Audience, pass: Pass): void {
    audience.pass = undefined
    this.counters.passes++
    this.#dependencies.passed(audience, pass)
    if (pass.unfinished || audience.window.head > pass.end) this.schedule(audience)
  }
}

function beginPass(audience: Audience): Pass {
  const end = audience.window.head
  const pass = { end, count: audience.outboxes.length, index: 0, unfinished: false }
  audience.pass = pass
  audience.offered = end
  return pass
}
