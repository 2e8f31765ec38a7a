// What the engine knows of one connection's way out: whether it takes more. Shared by all subscriptions of the
// connection. What was written last is the business of the connection; everything after it waits in the windows.
import type { Clock } from '../std/clock.ts'

export class Wire {
  /** When it last refused bytes, or took some while behind; undefined: it takes more. */
  blockedSince: number | undefined
  /** What leads to it: the hub's business, see `outboxesOf`. */
  readonly ends: unknown[] = []

  get blocked(): boolean {
    return this.blockedSince !== undefined
  }

  /** Notes the answer to an offer. */
  offered(taken: boolean, clock: Clock): void {
    if (!taken) this.blockedSince = clock.now()
  }

  /** It takes what it was given last, though not yet all of it. */
  progressed(clock: Clock): void {
    if (this.blocked) this.blockedSince = clock.now()
  }

  drained(): void {
    this.blockedSince = undefined
  }
}
