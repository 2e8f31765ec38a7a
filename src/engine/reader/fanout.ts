// Passes: at the end of a turn each channel with news is walked once, in slices, round robin over the channels, so
// that one large broadcast does not stall the others (law 3). Channels of a higher priority are walked first (law 20).
import type { Clock } from '../../std/clock.ts'
import { Deque } from '../../std/deque.ts'
import type { Offset } from '../words/position.ts'
import { setBehind } from './audience.ts'
import { type Lane, type LaneLimits, type LaneRules, type Lanes, laneOf, type WireEnd } from './lanes.ts'
import { type Audience, type FlushLimits, type Outbox, outboxOf, type Pass } from './outbox.ts'
import type { Missing } from './window.ts'

/** Walking past a subscriber costs a hundredth of a write; a step walks at most this many times its writes. */
const visitsPerWrite = 50

export interface FanoutDependencies {
  readonly clock: Clock
  readonly limits: FlushLimits & LaneLimits & { readonly sliceSubscribers: number }
  /** Something is about to be offered after a gap. */
  tellGap(outbox: Outbox): void
  /** It was offered everything up to a publication that its format has no frame for. */
  missed(outbox: Outbox, missing: Missing): void
  /** A pass ended: leavers may be compacted, slow ones judged, the window trimmed. */
  passed(audience: Audience, pass: Pass): void
}

/** The channels of one lane that have news. */
interface Queue {
  readonly lane: Lane
  readonly audiences: Deque<Audience>
  /** It had so many when the turn began: whoever comes back later waits for the next one. */
  due: number
  /** Steps of higher lanes since it had one, while it waits. */
  ahead: number
}

export class Fanout {
  readonly #dependencies: FanoutDependencies
  /** For the wires of all whom it walks. */
  readonly laneRules: LaneRules
  readonly #queues = [queueOf(0), queueOf(1), queueOf(2)] as const
  #armed = false
  readonly counters = {
    passes: 0,
    writes: 0,
    /** A subscriber that is behind, on a wire that takes more, has to wait for a higher lane of it. */
    laneHeld: 0,
  }

  constructor(dependencies: FanoutDependencies) {
    this.#dependencies = dependencies
    const { laneFramesMax, laneBytesMax } = dependencies.limits
    const wake = (end: WireEnd) => this.scheduleAgain(outboxOf(end).audience)
    this.laneRules = { laneFramesMax, laneBytesMax, wake }
  }

  /** Walks the audience at the end of this turn, or goes on walking it. */
  schedule(audience: Audience): void {
    if (audience.queued) return
    audience.queued = true
    this.#queues[laneOf(audience)].audiences.push(audience)
    this.#arm()
  }

  /** For one that is behind: a pass under way may be past its place already. */
  scheduleAgain(audience: Audience): void {
    if (audience.pass !== undefined) audience.pass.unfinished = true
    this.schedule(audience)
  }

  /** Offers everything at once to all who take it, without slices. A pass under way is past it. */
  finish(audience: Audience): void {
    const { head, base } = audience.window
    if (base === head) return
    audience.offered = head
    // Some leave as they are offered something.
    for (const outbox of [...audience.outboxes]) {
      while (outbox?.isDue(head) && this.#writeOrWait(outbox, head) > 0);
    }
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    this.#dependencies.clock.endOfTurn(() => this.#turn())
  }

  #turn(): void {
    this.#armed = false
    let budget = this.#dependencies.limits.sliceSubscribers
    for (const queue of this.#queues) queue.due = queue.audiences.length
    while (budget > 0) {
      const audience = this.#take()
      if (audience === undefined) break
      audience.queued = false
      budget -= this.#step(audience, budget)
    }
    if (this.#queues.some(({ audiences }) => audiences.length > 0)) this.#arm()
  }

  /** Of the highest lane that has one due, or of one that so many steps went ahead of. */
  #take(): Audience | undefined {
    let chosen: Queue | undefined
    for (const queue of this.#queues) {
      if (queue.due === 0) continue
      chosen ??= queue
      if (queue.ahead < this.#dependencies.limits.laneStepsMax) continue
      chosen = queue
      break
    }
    if (chosen === undefined) return undefined
    for (const queue of this.#queues) {
      if (queue.lane > chosen.lane && queue.due > 0) queue.ahead++
    }
    chosen.ahead = 0
    chosen.due--
    return chosen.audiences.take()
  }

  /** Returns the writes it made, and the steps past what has no frame. */
  #step(audience: Audience, budget: number): number {
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
      writes += this.#writeOrWait(outbox, pass.end)
    }
    if (pass.index < pass.count) this.schedule(audience)
    else this.#end(audience, pass)
    return writes
  }

  #writeOrWait(outbox: Outbox, end: Offset): number {
    const { lanes } = outbox.subscriber.wire
    return lanes === undefined ? this.#write(outbox, end) : this.#writeInTurn(lanes, outbox, end)
  }

  /** Law 20: one that is due may have to wait for a higher lane of its wire, or let a lower one go first. */
  #writeInTurn(lanes: Lanes, outbox: Outbox, end: Offset): number {
    if (!lanes.lets(outbox)) {
      this.counters.laneHeld++
      setBehind(outbox.audience, outbox, true)
      return 0
    }
    const owed = lanes.owedBelow(outbox)
    if (owed === undefined) return this.#write(outbox, end, lanes)
    const lower = outboxOf(owed)
    // Its own pass need not have begun: one frame more or less of it counts for nobody.
    const writes = this.#write(lower, lower.audience.window.head, lanes)
    if (outbox.isDue(end)) return writes + this.#write(outbox, end, lanes)
    if (outbox.isHeldUp(end)) setBehind(outbox.audience, outbox, true)
    return writes
  }

  /** Returns 0 where it was due nothing, else 1. */
  #write(outbox: Outbox, end: Offset, lanes?: Lanes): number {
    const { limits, clock } = this.#dependencies
    if (outbox.skipped) this.#dependencies.tellGap(outbox)
    const slice = outbox.flush(end, limits, clock, lanes)
    if (slice === undefined) return 0
    if (slice.frames.length > 0) this.counters.writes++
    if (slice.missing !== undefined) this.#dependencies.missed(outbox, slice.missing)
    if (outbox.closed) return 1
    const { audience } = outbox
    const reached = outbox.next !== undefined && outbox.next >= end
    const { blocked } = outbox.subscriber.wire
    if (!reached && !blocked && audience.pass !== undefined) audience.pass.unfinished = true
    if (!reached || blocked || audience.behind !== undefined) setBehind(audience, outbox, !reached || blocked)
    return 1
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

function queueOf(lane: Lane): Queue {
  return { lane, audiences: new Deque(), due: 0, ahead: 0 }
}
