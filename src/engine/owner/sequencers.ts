// Who keeps publishers' own order for which channel: of a worker that stands alone, and of the channels that are a node's own,
// its own sequencer; of the others the one that asks the broker what is next.
import { isNodeChannel } from '../words/private.ts'
import { summed } from './node-broker.ts'
import type { OrderSnapshot, Sequencing } from './sequencing.ts'

export class Sequencers {
  readonly #own: Sequencing
  /** Undefined: the node stands alone. */
  readonly #joined: Sequencing | undefined

  constructor(own: Sequencing, joined: Sequencing | undefined) {
    this.#own = own
    this.#joined = joined
  }

  of(channel: string): Sequencing {
    return this.#joined === undefined || isNodeChannel(channel) ? this.#own : this.#joined
  }

  /** See `Sequencing`. */
  get pending(): number {
    return this.#own.pending + (this.#joined?.pending ?? 0)
  }

  forgetLastIds(): void {
    this.#own.forgetLastIds()
    this.#joined?.forgetLastIds()
  }

  close(): void {
    this.#own.close()
    this.#joined?.close()
  }

  retire(): void {
    this.#own.retire()
    this.#joined?.retire()
  }

  /** See `Sequencing`. */
  rest(on: boolean): void {
    this.#own.rest(on)
    this.#joined?.rest(on)
  }

  snapshot(): Map<string, OrderSnapshot> {
    return new Map([...this.#own.snapshot(), ...(this.#joined?.snapshot() ?? [])])
  }

  statistics(): Record<string, number> {
    return this.#joined === undefined
      ? this.#own.statistics()
      : summed(this.#own.statistics(), this.#joined.statistics())
  }
}
