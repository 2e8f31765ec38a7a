// A daemon with all protocols and an address of each worker for each, and where a channel's publisher and subscriber
// are, so that neither is at its owner's.
import { plainRing } from '../../../src/engine/ring.ts'
import { pinghub } from '../../conformance/pinghub/protocol.ts'
import { pushy } from '../../conformance/pushy/protocol.ts'
import { rpushd } from '../../conformance/rpushd/protocol.ts'
import { type Daemon, type DaemonOptions, startDaemon } from '../daemon.ts'
import type { Protocol } from './protocol.ts'

export const protocols: readonly Protocol[] = [rpushd, pinghub, pushy]

const workers = 3

/** Several protocols have shard ports, so the owner map is the plain one. */
const ownerOf = plainRing(workers)

export interface Ground {
  readonly daemon: Daemon
  /** The worker so many slots behind the channel's owner; 1 for publishers, 2 for subscribers. */
  at(protocol: Protocol, channel: string, steps: number): string
  stop(): Promise<number | NodeJS.Signals>
}

export async function startGround(environment: DaemonOptions['environment'] = {}): Promise<Ground> {
  const daemon = await startDaemon({
    workers,
    environment: { RINGCAST_PINGHUB_SHARD_PORTS: '127.0.0.1:0', ...environment },
  })
  return {
    daemon,
    at: ({ name }, channel, steps) => daemon.shards(name)[(ownerOf(channel) + steps) % workers] ?? '',
    stop: () => daemon.stop(),
  }
}
