// What one worker has of the cluster that its node is joined to: the carrier to the broker, and the broker over it that the
// worker's engine knows.
import type { Broker, BrokerEvents } from '../engine/owner/broker.ts'
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import type { Random } from '../std/random.ts'
import type { Carrier } from './carrier.ts'
import type { ClusterSettings } from './settings.ts'

/** What an operator should know of the broker or of other nodes. `text` is a sentence without secrets. */
export interface ClusterNotice {
  readonly code: 'broker-unfit' | 'cluster-differs'
  readonly text: string
}

export interface CarrierOptions {
  readonly clock: Clock
  readonly random: Random
  /** What this start of the node is called among the others. */
  readonly node: string
  readonly slot: Slot
  readonly workers: number
  readonly settings: ClusterSettings
  /** Called for what is found, each time that it is found. */
  notice(notice: ClusterNotice): void
}

export interface Membership {
  /** Called once. */
  broker(events: BrokerEvents): Broker
  /** Gives up what it holds of the broker; then, or when that takes too long, calls `done` once. Calling it again is harmless. */
  close(done: () => void): void
}

/** What joins a worker to the others: tests have their own. */
export type Join = (options: CarrierOptions) => Promise<Membership>

/** A carrier has a deadline for each step; this ends one that does not keep to it, well within that of a stop. */
const closeMsMax = 2_000

export function membershipOf(
  carrier: Carrier,
  clock: Clock,
  createBroker: (events: BrokerEvents) => Broker,
): Membership {
  let broker: Broker | undefined
  let isClosed = false
  return {
    broker(events) {
      broker = createBroker(events)
      return broker
    },
    close(done) {
      if (isClosed) return done()
      isClosed = true
      let isTold = false
      const tell = () => {
        if (!isTold) done()
        isTold = true
      }
      clock.after(closeMsMax, tell)
      broker?.close()
      carrier.close(tell)
    },
  }
}
