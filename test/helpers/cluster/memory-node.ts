// A node of a mesh whose workers are joined to others by servers in memory.
import type { ClusterBroker } from '../../../src/cluster/broker.ts'
import type { BrokerEvents } from '../../../src/engine/owner/broker.ts'
import type { Slot } from '../../../src/engine/words/link.ts'
import type { Keep } from '../../../src/engine/words/namespace.ts'
import type { Clock } from '../../../src/std/clock.ts'
import type { MemoryCarrier } from './memory-carrier.ts'
import type { MemoryCluster } from './memory-cluster.ts'

export class MemoryNode {
  readonly #cluster: MemoryCluster
  readonly #name: string
  readonly #workers: number
  readonly #keep: Keep
  readonly brokers: ClusterBroker[] = []
  readonly carriers: MemoryCarrier[] = []

  constructor(cluster: MemoryCluster, name: string, workers: number, keep: Keep) {
    this.#cluster = cluster
    this.#name = name
    this.#workers = workers
    this.#keep = keep
  }

  brokerFor(slot: Slot, clock: Clock): (events: BrokerEvents) => ClusterBroker {
    return events => {
      const options = { keep: this.#keep, node: this.#name, slot, workers: this.#workers }
      const broker = this.#cluster.broker(clock, events, options)
      this.brokers[slot] = broker
      this.carriers[slot] = this.#cluster.carriers.at(-1) as MemoryCarrier // it was made for that broker
      return broker
    }
  }

  ended(slot: Slot): void {
    this.carriers[slot]?.end()
  }
}
