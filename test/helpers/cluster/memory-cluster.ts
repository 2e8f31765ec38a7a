// Brokers of nodes over one set of servers in memory.
import { ClusterBroker, type ClusterNotice } from '../../../src/cluster/broker.ts'
import type { ClusterLimits } from '../../../src/cluster/limits.ts'
import type { BrokerEvents } from '../../../src/engine/owner/broker.ts'
import type { Keep } from '../../../src/engine/words/namespace.ts'
import type { Clock } from '../../../src/std/clock.ts'
import { CountedCarrier } from './counted-carrier.ts'
import { MemoryBroker, type ServerMutation } from './memory-server.ts'
import { type FollowerMutation, mutantCarrier, mutantFollowing } from './mutants.ts'

export const clusterLimits: ClusterLimits = {
  timeoutMs: 1_500,
  acks: 'master',
  publishBytesMax: 16_777_216,
  lingerMs: 30_000,
  idempotencyMs: 300_000,
  historyBytesMax: 10_000_000,
  presence: 'cluster',
}

export interface MemoryClusterOptions {
  /** Of the servers, by which numberings begin. */
  readonly clock: Pick<Clock, 'unixMs'>
  readonly lanes?: number
  readonly acks?: 'master' | 'replica'
  readonly mutation?: ServerMutation | undefined
  answersFirst?(): boolean
  readonly isToldFirst?: boolean
}

export interface MemoryNodeOptions {
  readonly keep: Keep
  readonly node?: string
  readonly slot?: number
  readonly workers?: number
  readonly limits?: Partial<ClusterLimits>
  /** False: the test moves its connections. */
  readonly runs?: boolean
  /** A fault that is played on it. */
  readonly mutation?: FollowerMutation | undefined
}

export class MemoryCluster {
  readonly options: MemoryClusterOptions
  readonly lanes: readonly MemoryBroker[]
  readonly carriers: CountedCarrier[] = []
  readonly notices: string[] = []

  constructor(options: MemoryClusterOptions) {
    this.options = options
    const { clock, lanes = 1, acks = 'master', mutation } = options
    let minted = 0
    const server = { clock, acks, mutation, mint: () => `${++minted}` }
    this.lanes = Array.from({ length: lanes }, () => new MemoryBroker(server))
  }

  /** Of one worker of a node, not started. */
  carrier(clock: Pick<Clock, 'endOfTurn'> | undefined, node = 'a'): CountedCarrier {
    const { answersFirst, isToldFirst = false } = this.options
    const carrier = new CountedCarrier({
      node,
      brokers: this.lanes,
      clock,
      isToldFirst,
      ...(answersFirst && { answersFirst }),
    })
    this.carriers.push(carrier)
    return carrier
  }

  broker(clock: Clock, events: BrokerEvents, options: MemoryNodeOptions): ClusterBroker {
    const { keep, node = 'a', slot = 0, workers = 1, limits, runs = true, mutation } = options
    const { acks = 'master' } = this.options
    return new ClusterBroker(
      {
        clock,
        carrier: mutantCarrier(this.carrier(runs ? clock : undefined, node), mutation),
        ...mutantFollowing(mutation),
        limits: { ...clusterLimits, acks, ...limits },
        slot,
        workers,
        namespaceOf: () => keep,
        notice: (notice: ClusterNotice, fields) => {
          this.notices.push(`${notice} ${Object.values(fields).join(' ')}`)
        },
      },
      events,
    )
  }

  /** Ends all connections to servers that were replaced. */
  cutAll(): void {
    for (const carrier of this.carriers)
      for (let lane = 0; lane < this.lanes.length; lane++) carrier.cut(lane)
  }
}

export function memoryCluster(options: MemoryClusterOptions): MemoryCluster {
  return new MemoryCluster(options)
}
