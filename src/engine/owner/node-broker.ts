// Where nodes are joined, a channel that is a node's own has its place by a ledger of its owner, and every other one by what
// joins the nodes. Each hears of its own channels alone.
import { isNodeChannel } from '../words/private.ts'
import type { ChannelName } from '../words/publication.ts'
import type { Broker } from './broker.ts'

export class NodeBroker implements Broker {
  readonly #own: Broker
  readonly #joined: Broker

  constructor(own: Broker, joined: Broker) {
    this.#own = own
    this.#joined = joined
  }

  get away(): Broker['away'] {
    return this.#joined.away
  }

  /** Patterns match no channel of a node's own. */
  get isFed(): boolean {
    return this.#joined.isFed
  }

  publish(...args: Parameters<Broker['publish']>): void {
    this.#of(args[0].channel).publish(...args)
  }

  publishNext(...args: Parameters<Broker['publishNext']>): void {
    this.#of(args[0].channel).publishNext(...args)
  }

  follow(...args: Parameters<Broker['follow']>): void {
    this.#of(args[0]).follow(...args)
  }

  unfollow(...args: Parameters<Broker['unfollow']>): void {
    this.#of(args[0]).unfollow(...args)
  }

  refresh(...args: Parameters<Broker['refresh']>): void {
    this.#of(args[0]).refresh(...args)
  }

  trim(...args: Parameters<Broker['trim']>): void {
    this.#of(args[0]).trim(...args)
  }

  read(...args: Parameters<Broker['read']>): void {
    this.#of(args[0]).read(...args)
  }

  inspect(...args: Parameters<Broker['inspect']>): void {
    this.#of(args[0]).inspect(...args)
  }

  count(...args: Parameters<Broker['count']>): void {
    this.#of(args[0]).count(...args)
  }

  elsewhere(...args: Parameters<Broker['elsewhere']>): void {
    this.#of(args[0]).elsewhere(...args)
  }

  watch(...args: Parameters<Broker['watch']>): void {
    this.#joined.watch(...args)
  }

  unwatch(pattern: string): void {
    this.#joined.unwatch(pattern)
  }

  /** Of both together. */
  statistics(): Record<string, number> {
    return summed(this.#own.statistics(), this.#joined.statistics())
  }

  close(): void {
    this.#joined.close()
  }

  #of(channel: ChannelName): Broker {
    return isNodeChannel(channel) ? this.#own : this.#joined
  }
}

export function summed(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = { ...one }
  for (const [name, count] of Object.entries(other)) sums[name] = (sums[name] ?? 0) + count
  return sums
}
