// What is under way in each lane. A lane can go down while its connection stays, so each call is answered here, once: by the
// server, or by the end of the lane.
import type { CallOptions, Failure, Reply, Words } from './connection.ts'
import type { Link } from './link.ts'
import { isMove, isUnfit } from './reasons.ts'
import type { Route } from './route.ts'
import type { Script } from './scripts/script.ts'

/** Exactly once. */
export type Settle = (reply: Reply, failure: Failure | undefined) => void

const unsent: Failure = { kind: 'lost', isWritten: false }
const untold: Failure = { kind: 'lost', isWritten: true }

export class Calls {
  readonly #route: Route
  readonly #kind: 'plain' | 'sharded'
  readonly #open = new Map<number, Set<Settle>>()

  constructor(route: Route, kind: 'plain' | 'sharded') {
    this.#route = route
    this.#kind = kind
  }

  /** Under way. */
  get count(): number {
    let count = 0
    for (const open of this.#open.values()) count += open.size
    return count
  }

  run(
    lane: number,
    script: Script,
    keys: readonly string[],
    values: Words,
    done: Settle,
    options?: CallOptions,
  ): void {
    this.send(lane, done, (link, settle) => link.run(script, keys, values, settle, options))
  }

  /** `done` is called at once where the lane is down. */
  send(lane: number, done: Settle, send: (link: Link, settle: Settle) => void): void {
    const link = this.#route.linkOf(lane)
    if (link === undefined) return done(undefined, unsent)
    const open = this.#open.get(lane) ?? new Set()
    this.#open.set(lane, open)
    const settle: Settle = (reply, failure) => {
      if (!open.delete(settle)) return
      this.#settle(lane, link, done, reply, failure)
    }
    open.add(settle)
    send(link, settle)
  }

  /** The lane is going down: what is open was written, as far as anybody knows. */
  fail(lane: number): void {
    for (const settle of [...(this.#open.get(lane) ?? [])]) settle(undefined, untold)
  }

  #settle(lane: number, link: Link, done: Settle, reply: Reply, failure: Failure | undefined): void {
    done(reply, failure)
    if (failure?.kind !== 'refused') return
    if (isMove(failure.code, this.#kind)) this.#route.moved(lane, failure.text)
    else if (isUnfit(failure.code)) link.die(failure.text)
  }
}

/** For `send`. */
export function subscribeOn(
  link: Link,
  kind: 'plain' | 'sharded',
  names: readonly string[],
  settle: Settle,
): void {
  if (link.connection === undefined) settle(undefined, unsent)
  else link.connection.subscribe(kind, names, settle)
}
