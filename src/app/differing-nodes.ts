// The nodes of the cluster that are not alike this one, as its workers tell: each is logged once, and again when something else differs.
import type { Difference } from '../cluster/about.ts'
import type { Slot } from '../engine/words/link.ts'
import type { Log } from '../telemetry/log.ts'

/** Each start of a node is another one, and an old one is not met again. */
const rememberedMax = 1_000

export class DifferingNodes {
  readonly #log: Log
  readonly #told = new Map<Slot, readonly Difference[]>()
  /** What was logged of each. */
  readonly #logged = new Map<string, string>()

  constructor(log: Log) {
    this.#log = log
  }

  /** All that a worker knows of now. */
  told(slot: Slot, differences: readonly Difference[]): void {
    this.#told.set(slot, differences)
    for (const difference of differences) this.#write(difference)
  }

  /** The worker serves no more. */
  left(slot: Slot): void {
    this.#told.delete(slot)
  }

  /** Each node once. */
  all(): readonly Difference[] {
    return [...new Map([...this.#told.values()].flat().map(each => [each.node, each])).values()]
  }

  #write(difference: Difference): void {
    const text = JSON.stringify(difference)
    if (this.#logged.get(difference.node) === text) return
    if (this.#logged.size >= rememberedMax) this.#logged.clear()
    this.#logged.set(difference.node, text)
    this.#log.warn({ code: 'cluster-differs', ...difference }, 'a node of the cluster is not like this one')
  }
}
