// A daemon with all protocols of the registry and an address of each worker for those that have one, and where a channel's
// publisher and subscriber are, so that neither is at its owner's.

import { ownerMapOf, ringFor } from '../../../src/app/node.ts'
import * as registry from '../../../src/frontends/registry.ts'
import { type Daemon, type DaemonOptions, startDaemon } from '../daemon.ts'
import type { Protocol } from './protocol.ts'

async function load(name: string): Promise<Protocol> {
  return (await import(`../../conformance/${name}/protocol.ts`)).protocol
}

export const protocols: readonly Protocol[] = await Promise.all(Object.keys(registry).map(load))

const workers = 3
/** As `at` is asked for publishers. */
const publisherSteps = 1

export interface Ground {
  readonly daemon: Daemon
  /** The worker so many slots behind the channel's owner; 1 for publishers, 2 for subscribers. Any, where it has one address. */
  at(protocol: Protocol, channel: string, steps: number): string
  stop(): Promise<number | NodeJS.Signals>
}

export async function startGround(environment: DaemonOptions['environment'] = {}): Promise<Ground> {
  const daemon = await startDaemon({ workers, environment })
  const shards = protocols.map(({ name }) => daemon.shards(name)).filter(({ length }) => length > 0)
  const ownerOf = ownerMapOf(ringFor(workers, shards))
  return {
    daemon,
    at({ name, publishesAt }, channel, steps) {
      if (steps === publisherSteps && publishesAt !== undefined) return daemon.address(name, publishesAt)
      return daemon.shards(name)[(ownerOf(channel) + steps) % workers] ?? daemon.address(name)
    },
    stop: () => daemon.stop(),
  }
}
