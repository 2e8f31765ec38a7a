// Deliveries of a tenth of a second: how many clients got each item, by transport, and how many each rule made. One delivery
// costs a look-up; items are looked at when all is told.
import type { Batch } from '../item/batch.ts'
import type { Item } from '../item/item.ts'
import { isFor, type Transport } from '../item/transport.ts'
import type { StatisticsItem } from './statistics.ts'

/** What one rule's clients got of one item. */
export interface Sent {
  readonly route: string
  readonly transport: Transport
  readonly count: number
  /** All of its clients together. */
  readonly blocks: number | undefined
  /** Of one. */
  readonly blocksOfOne: number | undefined
}

type Key = `${Transport} ${string}`

export class Deliveries {
  readonly #blocksOf: (item: Item, transport: Transport) => number | undefined
  /** Receivers of each batch, by transport and route. */
  #counts = new Map<Batch, Map<Key, number>>()

  constructor(blocksOf: (item: Item, transport: Transport) => number | undefined) {
    this.#blocksOf = blocksOf
  }

  /** Of batches. */
  get size(): number {
    return this.#counts.size
  }

  add(route: string, transport: Transport, batch: Batch): void {
    const counts = this.#counts.get(batch) ?? new Map<Key, number>()
    const key: Key = `${transport} ${route}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
    if (counts.size === 1) this.#counts.set(batch, counts)
  }

  /** What was told so far; none is left. */
  take(): { readonly messages: readonly StatisticsItem[]; readonly sent: readonly Sent[] } {
    const receivers = new Map<Item, Map<Transport, number>>()
    const sent: Sent[] = []
    for (const [{ arrivals }, counts] of this.#counts) {
      for (const [key, count] of counts) {
        const at = key.indexOf(' ')
        const transport = key.slice(0, at) as Transport // as `add` put it there
        const route = key.slice(at + 1)
        for (const { item } of arrivals) {
          if (!isFor(item, transport)) continue
          const blocksOfOne = this.#blocksOf(item, transport)
          const blocks = blocksOfOne === undefined ? undefined : blocksOfOne * count
          sent.push({ route, transport, count, blocks, blocksOfOne })
          const all = receivers.get(item) ?? new Map<Transport, number>()
          all.set(transport, (all.get(transport) ?? 0) + count)
          receivers.set(item, all)
        }
      }
    }
    this.#counts = new Map()
    return { messages: this.#messages(receivers), sent }
  }

  #messages(receivers: ReadonlyMap<Item, ReadonlyMap<Transport, number>>): readonly StatisticsItem[] {
    return [...receivers].flatMap(([item, all]) =>
      [...all].map(([transport, count]) => {
        const blocks = this.#blocksOf(item, transport)
        const fields = {
          channel: item.channel,
          ...(item.id !== undefined && { 'item-id': item.id }),
          count,
          ...(blocks !== undefined && { blocks: blocks * count }),
          transport,
        }
        return { type: 'message', fields }
      }),
    )
  }
}
