// Patterns as they are entered in Redis and renewed there, and the feeds that bring what fits: see patterns.ts.
import type { Clock } from '../../std/clock.ts'
import { type Calls, subscribeOn } from './calls.ts'
import type { Keys } from './keys.ts'
import { leaseMs, Patterns, patternsMax } from './patterns.ts'
import { listOf, numberOf } from './replies.ts'
import type { Route } from './route.ts'
import { watchScript } from './scripts/session.ts'

export interface WatchingOptions {
  readonly route: Route
  readonly keys: Keys
  readonly kind: 'plain' | 'sharded'
  readonly clock: Clock
  notice(text: string): void
}

export class Watching {
  readonly patterns = new Patterns()
  readonly #options: WatchingOptions
  readonly #calls: Calls

  constructor(options: WatchingOptions, calls: Calls) {
    this.#options = options
    this.#calls = calls
  }

  watch(lane: number, pattern: string, done: (outcome: 'ok' | 'away') => void): void {
    const { keys, kind, clock } = this.#options
    const isHeard = this.patterns.has(lane)
    this.patterns.watch(lane, pattern, clock.now())
    if (isHeard) return this.#enter(lane, pattern, done)
    this.#calls.send(
      lane,
      (_reply, failure) => {
        if (failure === undefined) return this.#enter(lane, pattern, done)
        this.patterns.forget(lane)
        done('away')
      },
      (link, settle) => subscribeOn(link, kind, [keys.feed(lane)], settle),
    )
  }

  unwatch(lane: number, pattern: string): void {
    const { keys, kind, route } = this.#options
    // Its entry goes by itself: others may watch the same.
    if (this.patterns.unwatch(lane, pattern))
      route.linkOf(lane)?.connection?.unsubscribe(kind, [keys.feed(lane)])
  }

  renew(): void {
    const { route, clock } = this.#options
    for (const lane of this.patterns.lanes) {
      const patterns = this.patterns.of(lane)
      this.#write(lane, patterns, entered => {
        const isWhole = patterns.every(
          (pattern, index) => this.patterns.renewed(lane, pattern, clock.now()) && entered?.[index] === 1,
        )
        // Whoever published meanwhile may have sent nothing to the feed.
        if (entered !== undefined && !isWhole) route.moved(lane, 'its patterns were not renewed in time')
      })
    }
  }

  #enter(lane: number, pattern: string, done: (outcome: 'ok' | 'away') => void): void {
    this.#write(lane, [pattern], entered => {
      const isWatched = entered !== undefined && numberOf(entered[0]) === 1
      if (!isWatched) this.unwatch(lane, pattern)
      if (entered !== undefined && !isWatched)
        this.#options.notice(`${patternsMax} patterns are watched in the cluster, and no more are taken`)
      done(isWatched ? 'ok' : 'away')
    })
  }

  /** `done`: 1 for each that is entered; undefined: the lane is away. */
  #write(
    lane: number,
    patterns: readonly string[],
    done: (entered: readonly unknown[] | undefined) => void,
  ): void {
    const values = [String(leaseMs), String(patternsMax), ...patterns]
    this.#calls.run(lane, watchScript, [this.#options.keys.watched(lane)], values, (reply, failure) =>
      done(failure === undefined ? listOf(reply) : undefined),
    )
  }
}
