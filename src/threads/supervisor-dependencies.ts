// What the supervisor of a node's workers is made of.
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { Children } from './control.ts'

export interface SupervisorDependencies {
  readonly clock: Clock
  readonly log: Log
  readonly entry: URL
  readonly workers: number
  /** Period in which each worker gives a sign of life, or more often, and the primary looks for it. */
  readonly beatMs: number
  /** What a new worker in the slot is to know; `legacy` is what the one before it left. */
  app(slot: Slot, legacy: Uint8Array | undefined): unknown
  /** All workers of the start have what they were given, and none serves yet. */
  booted?(): void
  /** The worker serves: hand it connections. */
  joined(slot: Slot, children: Children): void
  /** The worker serves no more: hand it nothing from this call on. */
  left(slot: Slot, children: Children): void
  /** A room of the worker needs the thread that its front-end has beside the workers. */
  wantsSide?(room: string): void
  /** What the app room of a worker told by `Station.tell`. Nothing more comes of a worker that `left`, or never served. */
  told?(slot: Slot, what: unknown): void
  /** See `NodeReport`. */
  cluster?(): unknown
  /** What else the primary counts. */
  counters?(): Readonly<Record<string, number>>
  /** The process cannot go on, mostly because of the worker in that slot; the caller ends it, and may `salvage` first. */
  fatal(line: string, slot: Slot | undefined): void
}
