// What one worker has of the cluster that its node is joined to: a carrier to the broker, by the mode, and over it the broker
// that the worker's engine knows.
import type { Broker, BrokerEvents } from '../engine/owner/broker.ts'
import type { Slot } from '../engine/words/link.ts'
import type { Keep } from '../engine/words/namespace.ts'
import type { ChannelName } from '../engine/words/publication.ts'
import type { Clock } from '../std/clock.ts'
import type { Random } from '../std/random.ts'
import type { About, Difference } from './about.ts'
import { ClusterBroker, type ClusterNotice } from './broker.ts'
import type { Carrier } from './carrier.ts'
import type { ClusterSettings } from './settings.ts'

export interface JoinOptions {
  readonly clock: Clock
  readonly random: Random
  /** What this start of the node is called among the others. */
  readonly node: string
  readonly slot: Slot
  readonly workers: number
  readonly settings: ClusterSettings
  readonly idempotencyMs: number
  /** Of all histories of this worker, which are parts of the broker's. */
  readonly historyBytesMax: number
  namespaceOf(channel: ChannelName): Keep
  /** What this node says of itself to the others. */
  readonly about: About
  /** Those of the others that are not alike, whenever that changes. */
  differs(differences: readonly Difference[]): void
  /** The broker is reached, and not as it should be: a sentence without secrets. */
  unfit(text: string): void
  notice(notice: ClusterNotice, fields: Readonly<Record<string, string | number>>): void
}

export interface Membership {
  /** Parts of the broker that come and go by themselves. */
  readonly lanes: number
  /** Called once. */
  open(events: BrokerEvents): Joined
}

export interface Joined extends Broker {
  readonly upLanes: number
  /** `done`: the broker was given back what this worker held of it. */
  close(done?: () => void): void
}

/** What joins a worker to the others: tests have their own. */
export type Join = (options: JoinOptions) => Promise<Membership>

/** Waits for no broker. The client is loaded by whoever is joined alone. */
export async function join(options: JoinOptions): Promise<Membership> {
  const carrier = await openCarrier(options)
  const { clock, slot, workers, settings, idempotencyMs, historyBytesMax } = options
  const limits = { ...settings, idempotencyMs, historyBytesMax }
  return {
    lanes: carrier.lanes,
    open: events =>
      new ClusterBroker(
        {
          clock,
          carrier,
          limits,
          slot,
          workers,
          namespaceOf: channel => options.namespaceOf(channel),
          notice: (notice, fields) => options.notice(notice, fields),
        },
        events,
      ),
  }
}

async function openCarrier(options: JoinOptions): Promise<Carrier> {
  const { clock, random, node, slot, settings } = options
  const { mode } = settings
  switch (mode) {
    case 'redis': {
      const { openRedis } = await import('./redis/open.ts')
      return openRedis({
        clock,
        random,
        node,
        slot,
        settings,
        about: options.about,
        notice: text => options.unfit(text),
        differs: differences => options.differs(differences),
      })
    }
    case 'solo':
      throw new RangeError('a node that stands alone joins nobody')
    default:
      return mode satisfies never
  }
}
