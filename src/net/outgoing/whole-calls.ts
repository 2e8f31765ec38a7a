// Calls whose answer is wanted whole: a question to the operator's own application, with one deadline over everything, a bound
// for the answer, and bounds for how many are under way and wait. No redirect is followed: it is an answer like others.
import type { LookupFunction } from 'node:net'
import type { Cancel, Clock } from '../../std/clock.ts'
import type { MetricRow } from '../../telemetry/metric-row.ts'
import type { IsForbidden } from './forbidden-addresses.ts'
import { LazyOrigins } from './lazy-origins.ts'
import { keyOf } from './target.ts'
import {
  failureKinds,
  type WholeAnswer,
  WholeCall,
  type WholeLimits,
  type WholeRequest,
} from './whole-call.ts'

export interface WholeCallsOptions {
  readonly clock: Clock
  /** Where nothing may be asked; judged with each connection, so that no change of a name gets around it. */
  readonly isForbidden: IsForbidden
  readonly bounds?: Partial<WholeCallsBounds>
  /** PEM; by default those that Node.js brings. */
  readonly authorities?: readonly string[]
  /** In place of the system's resolver. */
  readonly lookup?: LookupFunction
}

interface WholeCallsBounds {
  /** To one target, each with one call at a time. */
  readonly connectionsMax: number
  readonly connectMs: number
  /** To all targets. */
  readonly underWayMax: number
  /** To one target: behind one that hangs no other one is turned away. */
  readonly waitingMax: number
}

const usual: WholeCallsBounds = {
  // An application has a few processes; more at once would only wait there.
  connectionsMax: 16,
  // The operator's own network: what takes longer is not there.
  connectMs: 1_000,
  // Four applications at their bound.
  underWayMax: 64,
  // A storm of clients that come back is asked about within seconds; what waits longer is given up by its deadline.
  waitingMax: 1_024,
}

/** Longer than any deadline: what has a place waits for a connection only while the one of its predecessor closes. */
const waitMsMax = 60_000

/** The calls to one target: one that hangs takes its own places and no others. */
interface Line {
  underWay: number
  readonly waiting: Set<WholeCall>
}

export class WholeCalls {
  readonly #clock: Clock
  readonly #bounds: WholeCallsBounds
  readonly #origins: LazyOrigins
  /** The one that was served longest ago comes first. */
  readonly #lines = new Map<string, Line>()
  readonly #failed = new Map(failureKinds.map(kind => [kind, 0]))
  #underWay = 0
  #waiting = 0
  #calls = 0
  #callMs = 0

  constructor({ bounds, ...options }: WholeCallsOptions) {
    this.#clock = options.clock
    this.#bounds = { ...usual, ...bounds }
    const { connectionsMax, connectMs } = this.#bounds
    this.#origins = new LazyOrigins({ ...options, connectionsMax, connectMs, waitMs: waitMsMax })
  }

  /** By the keys of `wholeCallMetrics`. */
  statistics(): Readonly<Record<string, number>> {
    const failed = [...this.#failed].map(([kind, count]) => [`callsFailed.${kind}`, count] as const)
    return {
      calls: this.#calls,
      callMs: Math.round(this.#callMs),
      callsUnderWay: this.#underWay,
      callsWaiting: this.#waiting,
      ...Object.fromEntries(failed),
    }
  }

  /** `done` is called once, never before this returned, and not at all after what it returns was called. */
  call(request: WholeRequest, limits: WholeLimits, done: (answer: WholeAnswer) => void): Cancel {
    const key = keyOf(request.target)
    const begunMs = this.#clock.now()
    this.#calls++
    const call = new WholeCall(this.#clock, request, limits, {
      dispatch: (again, handlers) => this.#origins.call(again, handlers),
      over: answer => {
        this.#callMs += this.#clock.now() - begunMs
        if (answer?.ok === false) this.#failed.set(answer.kind, (this.#failed.get(answer.kind) ?? 0) + 1)
        this.#leave(key, call)
        if (answer !== undefined) done(answer)
      },
    })
    this.#enter(key, call)
    return () => call.cancel()
  }

  /** Every call that is under way fails. */
  close(): void {
    this.#origins.close()
  }

  #enter(key: string, call: WholeCall): void {
    const line = this.#lines.get(key) ?? { underWay: 0, waiting: new Set<WholeCall>() }
    this.#lines.set(key, line)
    if (this.#hasPlace(line)) return this.#start(line, call)
    if (line.waiting.size >= this.#bounds.waitingMax) return call.turnAway()
    this.#waiting++
    line.waiting.add(call)
  }

  #leave(key: string, call: WholeCall): void {
    const line = this.#lines.get(key)
    // One that was turned away has no part in its line, which may be gone.
    if (line === undefined) return
    if (call.hasPlace) {
      line.underWay--
      this.#underWay--
    } else if (line.waiting.delete(call)) this.#waiting--
    if (line.underWay === 0 && line.waiting.size === 0) this.#lines.delete(key)
    if (call.hasPlace) this.#serve()
  }

  /** The lines take turns. */
  #serve(): void {
    for (const [key, line] of this.#lines) {
      if (this.#underWay >= this.#bounds.underWayMax) return
      const [next] = line.waiting
      if (next === undefined || !this.#hasPlace(line)) continue
      line.waiting.delete(next)
      this.#waiting--
      // What is set anew comes last, in this loop too: another one of the line follows when all others had theirs.
      this.#lines.delete(key)
      this.#lines.set(key, line)
      this.#start(line, next)
    }
  }

  #hasPlace(line: Line): boolean {
    return line.underWay < this.#bounds.connectionsMax && this.#underWay < this.#bounds.underWayMax
  }

  #start(line: Line, call: WholeCall): void {
    line.underWay++
    this.#underWay++
    call.start()
  }
}

/** For a front-end that has them. */
export const wholeCallMetrics: readonly MetricRow[] = [
  ['calls', 'calls_total', 'Calls to applications, those that failed included.'],
  ['callMs', 'calls_seconds_total', 'Time that they took, from asking to answer or failure.', 0.001],
  ['callsUnderWay', 'calls_under_way', 'Calls that have a connection now, or are about to.'],
  ['callsWaiting', 'calls_waiting', 'Calls that wait for others to end.'],
  ['callsFailed.*', 'calls_failed_total', 'Calls that had no answer, by reason.'],
]
