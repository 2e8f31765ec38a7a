// What a session is between: the connection that carries it, which shows itself as a face, what its client said as it came, and
// what all sessions of a worker share.
import type { Engine } from '../../../engine/engine.ts'
import type { Batch, Format } from '../../../engine/reader/subscriber.ts'
import type { Clock } from '../../../std/clock.ts'
import type { Expiries } from '../../../std/expiries.ts'
import type { Random } from '../../../std/random.ts'
import type { Plan } from '../config/config.ts'
import type { Permission } from '../config/permission.ts'
import type { Ending } from '../wire/endings.ts'
import type { ServerOperation } from '../wire/operations.ts'
import type { Vector } from '../wire/vector.ts'
import type { Feed } from './feed.ts'

/** What a client says of itself, once it is known to be allowed. */
export interface Arrival {
  readonly clientId: string
  readonly permission: Permission
  /** What it has of channels that there are, by name. */
  readonly places: Vector
  /** What it has of those that are not among them; undefined: it did not say. */
  readonly resumeCursor: number | undefined
}

/** Channels of one connection: as many as a configuration may name. */
export const channelsMax = 255

/** A connection, as its session uses it. */
export interface Face {
  formatOf(feed: Feed): Format
  /** Everything that it asked for is live: its client is told, before anything else is written. */
  began(): void
  /** Nothing else has to be said in front of frames. */
  settled(): void
  say(operation: ServerOperation): void
  /** As `Subscriber.offer`. */
  write(feed: Feed, batch: Batch): boolean
  /** What was written last has not left. */
  readonly isBehind: boolean
  /** Ends the connection. `detail`: for people. `returnMs`: when its client is to come back, where the node stops. */
  end(ending: Ending, detail?: string, returnMs?: number): void
}

/** What all sessions of a worker share. */
export interface SessionKind {
  readonly plan: Plan
  readonly engine: Engine
  readonly clock: Clock
  readonly random: Random
  /** Serves `expire`. */
  readonly expiries: Expiries<Expiring>
  readonly counters: { sessions: number; sessionsOpened: number; gapsTold: number }
}

/** It may stay until some second. */
export interface Expiring {
  expire(): void
}
