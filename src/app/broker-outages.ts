// When the node does not reach its broker, out of what its workers say. One outage of several workers is one.
import type { BrokerAway } from '../admin/status.ts'
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import { Allowance } from '../telemetry/allowance.ts'
import type { Log } from '../telemetry/log.ts'
import type { Outage } from './worker-cluster.ts'

export interface BrokerOutagesDependencies {
  readonly clock: Clock
  readonly log: Log
  readonly workers: number
  /** There is a broker. */
  readonly isJoined: boolean
}

/** A worker that starts takes so long to reach all of a broker that is there; only then it is worth a line that it does not. */
const startMs = 2_000

export class BrokerOutages {
  readonly #dependencies: BrokerOutagesDependencies
  readonly #startedAt: number
  /** By slot; undefined: that worker reaches it. A worker that said nothing yet is not among them. */
  readonly #told = new Map<Slot, Outage | undefined>()
  /** All workers reached some part of it, at once; and all of it. */
  #isReached = false
  #isReachedWhole = false
  /** The outage that the log has, by `Clock.sharedMs`. */
  #loggedSinceMs: number | undefined
  readonly #waiting: (() => void)[] = []
  /** A broker that comes and goes must not flood the log. */
  readonly #allowance: Allowance

  constructor(dependencies: BrokerOutagesDependencies) {
    this.#dependencies = dependencies
    const { clock } = dependencies
    this.#allowance = new Allowance(clock)
    this.#startedAt = clock.sharedMs()
  }

  told(slot: Slot, outage: Outage | undefined): void {
    this.#told.set(slot, outage)
    if (outage !== undefined && !this.#isReachedWhole)
      this.#dependencies.clock.after(startMs, () => this.#judge())
    this.#judge()
  }

  /** Nothing that the worker said counts any more. */
  left(slot: Slot): void {
    this.#told.delete(slot)
    this.#judge()
  }

  /** Undefined: every worker reaches the broker, as far as is known. */
  away(unreadyAfterMs: number): BrokerAway | undefined {
    const longest = this.#longest()
    if (longest === undefined) return undefined
    const { clock, workers } = this.#dependencies
    const forMs = Math.max(0, clock.sharedMs() - longest.sinceMs)
    const reaching = [...this.#told.values()].filter(outage => outage === undefined).length
    // Where a part is away, all nodes miss the same, and each serves the rest.
    const isTooLong = longest.isWhole && (!this.#isReached || forMs >= unreadyAfterMs)
    return { workers: workers - reaching, forMs, reason: longest.reason, isTooLong }
  }

  /** Resolves when all workers reached the broker, or after `ms`; at once where there is none. */
  reached(ms: number): Promise<void> {
    const { clock, isJoined } = this.#dependencies
    if (!isJoined || this.#isReached) return Promise.resolve()
    return new Promise(resolve => {
      this.#waiting.push(resolve)
      clock.after(ms, resolve)
    })
  }

  /** The longest, a whole one before others. Until all workers were heard of, whoever was not is away since the start. */
  #longest(): Outage | undefined {
    const { workers, isJoined } = this.#dependencies
    if (!isJoined) return undefined
    const longest = this.#longestTold()
    if (longest?.isWhole || this.#isReached || this.#told.size === workers) return longest
    return { sinceMs: this.#startedAt, reason: 'it was not reached yet', isWhole: true }
  }

  #longestTold(): Outage | undefined {
    const outages = [...this.#told.values()].filter(outage => outage !== undefined)
    return outages.sort(
      (one, other) => Number(other.isWhole) - Number(one.isWhole) || one.sinceMs - other.sinceMs,
    )[0]
  }

  #judge(): void {
    const { clock } = this.#dependencies
    const longest = this.#longest()
    if (longest === undefined || !longest.isWhole) {
      this.#isReached = true
      for (const resolve of this.#waiting.splice(0)) resolve()
    }
    if (longest === undefined) return this.#over()
    // Of a worker that said nothing yet the log says nothing: it may have no processor.
    const told = this.#longestTold()
    const isStarting = !this.#isReachedWhole && clock.sharedMs() - (told?.sinceMs ?? 0) < startMs
    if (told === undefined || isStarting || this.#loggedSinceMs !== undefined) return
    this.#loggedSinceMs = told.sinceMs
    this.#logAway(told.reason)
  }

  #over(): void {
    this.#isReachedWhole = true
    if (this.#loggedSinceMs === undefined) return
    this.#logBack(Math.round(this.#dependencies.clock.sharedMs() - this.#loggedSinceMs))
    this.#loggedSinceMs = undefined
  }

  #logAway(reason: string): void {
    const text = 'the broker is away; publishes are refused until it is back'
    const { log } = this.#dependencies
    this.#allowance.spend(
      'broker-away',
      left => log.warn({ code: 'broker-away', reason, ...left }, text),
      left => log.warn({ code: 'broker-away', ...left }, text),
    )
  }

  #logBack(awayMs: number): void {
    const text = 'the broker is back'
    const { log } = this.#dependencies
    this.#allowance.spend(
      'broker-back',
      left => log.info({ code: 'broker-back', awayMs, ...left }, text),
      left => log.info({ code: 'broker-back', ...left }, text),
    )
  }
}
