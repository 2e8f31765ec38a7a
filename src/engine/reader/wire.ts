// What the engine knows of one connection's way out: whether it takes more. Shared by all subscriptions of the
// connection. What was written last is the business of the connection; everything after it waits in the windows.
import type { Brand } from '../../std/brand.ts'
import type { Clock } from '../../std/clock.ts'

/** Bytes on their way, and the memory that keeps them: none where they were copied. */
export interface UnderWayBytes {
  readonly length: number
  readonly buffer?: ArrayBufferLike
}

/** An end of a subscription, opaque to all but the hub, which knows it for an outbox. */
export type WireEnd = Brand<object, 'WireEnd'>

/** A wire gets a list of its own with its first end. */
const noEnds: readonly WireEnd[] = []

export class Wire {
  /** Since when it takes nothing, as far as it is known; undefined: it takes more. */
  blockedSince: number | undefined
  /** What was offered last and not yet taken. */
  underWay: UnderWayBytes | undefined
  /** The connection copies what it does not take, as a WebSocket does; else it keeps a view of it. */
  readonly copies: boolean
  /** What leads to it: the hub's business, see `outboxesOf`. A first one comes as a list of one, which takes least. */
  ends: readonly WireEnd[] = noEnds

  constructor({ copies = false }: { copies?: boolean } = {}) {
    this.copies = copies
  }

  get blocked(): boolean {
    return this.blockedSince !== undefined
  }

  /** Notes the answer to an offer. Whatever is written to a wire that is behind, it is not younger for it. */
  offered(bytes: UnderWayBytes, taken: boolean, clock: Clock): void {
    if (taken) return
    this.blockedSince ??= clock.now()
    this.underWay ??= bytes
  }

  /** It takes what it was given last, though not yet all of it. */
  progressed(clock: Clock): void {
    if (this.blocked) this.blockedSince = clock.now()
  }

  drained(): void {
    this.blockedSince = undefined
    this.underWay = undefined
  }
}
