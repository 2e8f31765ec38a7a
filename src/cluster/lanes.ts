// Drafts on their way to the broker: all of one turn go in one call of their lane, and what comes while a call is under way
// goes in the next. What is told to a publisher of its draft's fate is what is known of it.

import type { NotAppended, Unordered } from '../engine/owner/broker.ts'
import { Bins } from '../std/bins.ts'
import type { Clock } from '../std/clock.ts'
import { Deque } from '../std/deque.ts'
import type { Append, Appended, AppendOutcome, Carrier } from './carrier.ts'

/** Of one call, so that none holds the broker for more than about a millisecond. A single draft may be larger. */
const callDraftsMax = 64
const callBytesMax = 262_144

/** What a draft takes beside its envelope while it waits, and more than that. */
const draftBytes = 300

interface Waiting {
  readonly append: Append
  readonly bytes: number
  done(outcome: Appended | NotAppended | Unordered): void
}

interface Lane {
  isUp: boolean
  isUnderWay: boolean
  isArmed: boolean
  readonly waiting: Deque<Waiting>
}

export interface LanesOptions {
  readonly clock: Pick<Clock, 'endOfTurn' | 'now'>
  readonly carrier: Carrier
  /** Of all that waits or is under way. */
  readonly publishBytesMax: number
}

/** From a server beside us to one that is about to be given up. */
const roundTripBoundsMs = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000]

/** Of an outcome the carrier knows, for a publisher. */
const fates = { away: 'broker-away', unknown: 'owner-lost', overloaded: 'overloaded' } as const

export class Lanes {
  readonly #options: LanesOptions
  readonly #lanes: readonly Lane[]
  #bytes = 0
  readonly #roundTrips = new Bins(roundTripBoundsMs)
  readonly counters = {
    appends: 0,
    /** Calls that carried them. */
    appendCalls: 0,
    /** Milliseconds until they were answered. */
    appendMs: 0,
    repeated: 0,
    /** Not the next in the order that their publishers say. */
    unordered: 0,
    'refused.away': 0,
    'refused.overloaded': 0,
    'refused.unknown': 0,
  }

  constructor(options: LanesOptions) {
    this.#options = options
    this.#lanes = Array.from({ length: options.carrier.lanes }, () => ({
      isUp: false,
      isUnderWay: false,
      isArmed: false,
      waiting: new Deque<Waiting>(),
    }))
  }

  statistics(): Record<string, number> {
    return { ...this.counters, ...this.#roundTrips.statistics('appendMs.le') }
  }

  /** Bytes that wait or are under way. */
  get bytes(): number {
    return this.#bytes
  }

  /** `done` is called once, possibly before this returns. */
  publish(append: Append, done: Waiting['done']): void {
    const number = this.#options.carrier.laneOf(append.channel)
    const lane = this.#lanes[number]
    if (lane === undefined || !lane.isUp) return this.#refuse('away', done)
    const bytes = append.envelope.length + draftBytes
    if (this.#bytes + bytes > this.#options.publishBytesMax) return this.#refuse('overloaded', done)
    this.#bytes += bytes
    lane.waiting.push({ append, bytes, done })
    if (lane.isArmed || lane.isUnderWay) return
    lane.isArmed = true
    this.#options.clock.endOfTurn(() => {
      lane.isArmed = false
      this.#send(number, lane)
    })
  }

  up(number: number): void {
    const lane = this.#lanes[number]
    if (lane !== undefined) lane.isUp = true
  }

  /** What was not handed to the carrier was certainly not appended. */
  down(number: number): void {
    const lane = this.#lanes[number]
    if (lane === undefined) return
    lane.isUp = false
    for (let each = lane.waiting.take(); each !== undefined; each = lane.waiting.take()) {
      this.#bytes -= each.bytes
      this.#refuse('away', each.done)
    }
  }

  #send(number: number, lane: Lane): void {
    if (lane.isUnderWay || !lane.isUp) return
    const batch = takeBatch(lane.waiting)
    if (batch.length === 0) return
    lane.isUnderWay = true
    this.counters.appendCalls++
    const appends = batch.map(({ append }) => append)
    const { clock } = this.#options
    const begin = clock.now()
    this.#options.carrier.append(number, appends, outcomes => {
      lane.isUnderWay = false
      const tookMs = clock.now() - begin
      this.counters.appendMs += tookMs
      this.#roundTrips.note(tookMs)
      // Whoever is answered may publish: what waits goes first.
      for (const [index, { bytes, done }] of batch.entries()) {
        this.#bytes -= bytes
        this.#answer(outcomes[index] ?? 'unknown', done)
      }
      this.#send(number, lane)
    })
  }

  #answer(outcome: AppendOutcome, done: Waiting['done']): void {
    if (outcome === 'seen' || (typeof outcome === 'object' && 'last' in outcome)) {
      this.counters.unordered++
      return done(outcome)
    }
    if (typeof outcome === 'string') return this.#refuse(outcome, done)
    if (outcome.duplicate) this.counters.repeated++
    else this.counters.appends++
    done(outcome)
  }

  #refuse(outcome: keyof typeof fates, done: Waiting['done']): void {
    this.counters[`refused.${outcome}`]++
    done(fates[outcome])
  }
}

function takeBatch(waiting: Deque<Waiting>): Waiting[] {
  const batch: Waiting[] = []
  let bytes = 0
  while (batch.length < callDraftsMax) {
    const next = waiting.first
    if (next === undefined || (batch.length > 0 && bytes + next.bytes > callBytesMax)) break
    bytes += next.bytes
    batch.push(next)
    waiting.take()
  }
  return batch
}
