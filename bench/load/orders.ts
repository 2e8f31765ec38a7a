// What the bench says to its load processes and what they answer: plain JSON over the process channel, one answer
// to each order.
import type { PublisherPlan } from './publisher.ts'
import type { StreamsPlan } from './streams.ts'
import type { TallyPlan } from './tally.ts'

export interface PublishOrder {
  readonly type: 'publish'
  readonly plan: PublisherPlan
  readonly part: number
  /** Numbers of the publishers that this process runs. */
  readonly publishers: readonly number[]
  readonly ms: number
  /** Messages a second of each publisher; 0: closed loop. */
  readonly rate: number
  readonly exact: boolean
}

export type Order =
  /** First of all: the zero of the run's clock, in microseconds of the machine's monotonic clock. */
  | { readonly type: 'begin'; readonly originUs: number }
  | { readonly type: 'connect'; readonly plan: StreamsPlan }
  /** As `connect`, but what the streams bring is judged from their first byte on; `settle` ends it. */
  | { readonly type: 'replay'; readonly plan: StreamsPlan; readonly tally: TallyPlan }
  /** A part begins: what arrives from now on is judged. */
  | { readonly type: 'prepare'; readonly plan: TallyPlan }
  | PublishOrder
  /** The part ends when every stream has got these totals, by publisher. */
  | { readonly type: 'settle'; readonly totals: readonly number[] }
  | { readonly type: 'disconnect' }

/** Of one connect order. */
export interface Opened {
  /** From the first connect to the last head. */
  readonly wallMs: number
  /** Processor time of this process meanwhile. */
  readonly cpuMs: number
  /** Where stream 0 begins, as the server said; empty where it said nothing. */
  readonly position: string
}

/** Of one publish order: when it began and ended, and by publisher what was acknowledged. */
export interface Published {
  readonly startUs: number
  readonly endUs: number
  readonly totals: readonly (readonly [publisher: number, count: number])[]
}

/** Of one part. */
export interface Settled {
  readonly streams: number
  readonly deliveries: number
  readonly reads: number
  readonly lastAtUs: number
  readonly order: number
  readonly content: number
  readonly latencies: readonly (readonly [step: number, count: number])[]
  /** Of each publication, where that was counted: from when it was due to the last stream's delivery. */
  readonly wholesUs: readonly number[]
  /** Processor time of this process since `prepare`. */
  readonly cpuMs: number
}

export type Answer = { readonly failure: string } | { readonly result?: Opened | Published | Settled }
