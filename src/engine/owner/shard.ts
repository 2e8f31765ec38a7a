// The channels that one worker owns, as a whole: who may publish, the broker that gives each draft its place, and the
// spread of what it became over hubs and patterns (law 4).
import { type ChannelNamespace, mayPublish } from '../words/access.ts'
import type { Slot } from '../words/link.ts'
import type { HubPort } from '../words/ports.ts'
import type { ChannelName, Draft, Published } from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'
import type { Broker, BrokerEvents } from './broker.ts'
import type { ChannelsDependencies } from './channels.ts'
import { none } from './followed.ts'
import type { Inspection, InspectOptions } from './inspection.ts'
import { Ledger } from './ledger.ts'
import { Spread } from './spread.ts'

/** What stands between a worker and its ledger, in both directions. */
export interface Between {
  broker(ledger: Broker): Broker
  events(spread: BrokerEvents): BrokerEvents
}

export interface ShardDependencies extends ChannelsDependencies {
  /** Undefined while no link leads to that worker. */
  hub(slot: Slot): HubPort | undefined
  namespaceOf(channel: ChannelName): ChannelNamespace
  readonly between?: Between | undefined
}

export class Shard {
  readonly #dependencies: ShardDependencies
  readonly ledger: Ledger
  readonly spread: Spread
  readonly #broker: Broker
  #underWay = 0
  readonly counters = {
    'refused.overloaded': 0,
    'refused.not-allowed': 0,
    inspections: 0,
  }

  constructor(dependencies: ShardDependencies) {
    this.#dependencies = dependencies
    const { hub, namespaceOf, between } = dependencies
    this.spread = new Spread({ hub, namespaceOf, broker: () => this.#broker })
    this.ledger = new Ledger(dependencies, between?.events(this.spread) ?? this.spread)
    this.#broker = between?.broker(this.ledger) ?? this.ledger
  }

  /** Calls `done` exactly once, after the hubs were given it; possibly before this returns. */
  publish(draft: Draft, done: (outcome: Published | Refusal) => void): void {
    const { channel, via } = draft
    const followed = this.spread.find(channel)
    const namespace = followed?.namespace ?? this.#dependencies.namespaceOf(channel)
    // Before the broker hears of it: whoever may not use a channel must not make one.
    if (!mayPublish(namespace, via)) return this.#refuse('not-allowed', done)
    for (const hub of followed?.hubs ?? none) if (hub.pressed) return this.#refuse('overloaded', done)
    if (this.#broker === this.ledger) return this.#broker.publish(draft, namespace, done)
    this.#underWay++
    this.#broker.publish(draft, namespace, outcome => {
      this.#underWay--
      done(outcome)
    })
  }

  /** Publishes that the broker has not answered yet: a ledger answers at once. */
  get underWay(): number {
    return this.#underWay
  }

  /** Makes no record of a channel that has none. */
  inspect(name: ChannelName, options: InspectOptions): Inspection {
    this.counters.inspections++
    return { ...this.ledger.inspect(name, options), subscribers: this.spread.presence(name) }
  }

  /** Before a farewell: the channels for which it must not vouch to `slot`; undefined: it can vouch for none. */
  behind(slot: Slot): readonly string[] | undefined {
    return this.ledger.torn ? undefined : this.spread.behind(slot)
  }

  statistics(): Record<string, number> {
    return { ...this.counters, ...this.spread.statistics(), ...this.ledger.statistics() }
  }

  #refuse(reason: 'overloaded' | 'not-allowed', done: (outcome: Refusal) => void): void {
    this.counters[`refused.${reason}`]++
    done(reason)
  }
}
