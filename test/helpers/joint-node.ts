// A node among others: the brokers of its workers, joined with those of all nodes of the same joint.
import type { Broker, BrokerEvents } from '../../src/engine/owner/broker.ts'
import type { Slot } from '../../src/engine/words/link.ts'
import type { ChannelName } from '../../src/engine/words/publication.ts'
import type { Clock } from '../../src/std/clock.ts'
import type { Joint } from './joint.ts'
import { JointBroker } from './joint-broker.ts'

export class JointNode {
  readonly #joint: Joint
  readonly #brokers: (JointBroker | undefined)[] = []

  constructor(joint: Joint) {
    this.#joint = joint
  }

  broker(slot: Slot): JointBroker {
    const broker = this.#brokers[slot]
    if (broker === undefined) throw new RangeError(`no worker in slot ${slot}`)
    return broker
  }

  brokerFor(
    slot: Slot,
    clock: Clock,
    ownerOf: (channel: ChannelName) => Slot,
  ): (events: BrokerEvents) => Broker {
    const share = (channel: string) => ownerOf(channel as ChannelName) === slot // brokers hear of parsed names only
    return events => {
      const broker = new JointBroker({ joint: this.#joint, node: this, share, clock }, events)
      this.#joint.members.add(broker)
      this.#brokers[slot] = broker
      return broker
    }
  }

  ended(slot: Slot): void {
    this.#brokers[slot]?.close()
    this.#brokers[slot] = undefined
  }
}
