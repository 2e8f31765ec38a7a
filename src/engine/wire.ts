// What the engine knows of one connection's way out: whether it takes more, and how many bytes may lie in front of
// it. Shared by all subscriptions of the connection.
import type { Clock } from '../std/clock.ts'

export class Wire {
  /** When it last refused bytes, or took some while behind; undefined: it takes more. */
  blockedSince: number | undefined
  /** It was behind and has not yet proved to be empty: offer little. */
  probing = false
  /** Bytes given since it last proved to be empty: an upper bound of what waits in front of it. */
  unprovenBytes = 0
  /** What leads to it: the hub's business, see `outboxesOf`. */
  readonly ends: unknown[] = []

  get blocked(): boolean {
    return this.blockedSince !== undefined
  }

  /** Notes the answer to an offer. */
  offered(bytes: number, taken: boolean, clock: Clock): void {
    if (taken) {
      this.probing = false
      this.unprovenBytes = 0
    } else {
      this.unprovenBytes += bytes
      this.blockedSince = clock.now()
    }
  }

  drained(): void {
    this.blockedSince = undefined
    this.probing = true
  }
}
