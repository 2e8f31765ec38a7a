// What a turn brought to one channel's clients, looked at once for all of them. Each part is made when somebody asks for it
// first: 5,000 plain streams share one ready piece, and whoever has ids or filters walks the items.
import type { Item } from './item.ts'
import { isFor, type Transport } from './transport.ts'

/** One item at its place. */
export interface Arrival {
  readonly item: Item
  /** The engine's number of it in its channel. */
  readonly offset: number
}

export class Batch {
  /** In order. */
  readonly arrivals: readonly Arrival[]
  #chunks: Uint8Array | undefined | null = null
  #isPlain: boolean | undefined
  #last: Item | undefined | null = null
  #counts: Partial<Record<Transport, number>> | undefined
  /** Each by itself. */
  #ones: Batch[] | undefined

  constructor(arrivals: readonly Arrival[]) {
    this.arrivals = arrivals
  }

  /**
   * All contents for streams in one piece, each a ready chunk of HTTP (RFC 9112 §7.1), so that a client may tell them apart.
   * Undefined where there is nothing to write: a chunk of nothing would end the stream.
   */
  get chunks(): Uint8Array | undefined {
    if (this.#chunks === null) this.#chunks = chunksOf(this.contents)
    return this.#chunks
  }

  /** The same for a client that reads no chunks; made anew each time, for there are few of those. */
  get contents(): readonly Uint8Array[] {
    return this.arrivals.flatMap(({ item: { stream } }) =>
      stream?.action === 'send' && stream.content.length > 0 ? [stream.content] : [],
    )
  }

  /** Items that clients of that kind get. */
  countFor(transport: Transport): number {
    this.#counts ??= {}
    const known = this.#counts[transport]
    if (known !== undefined) return known
    const count = this.arrivals.filter(({ item }) => isFor(item, transport)).length
    this.#counts[transport] = count
    return count
  }

  /** The one at that place, by itself: the same for all who ask. */
  one(at: number): Batch {
    if (this.arrivals.length === 1) return this
    this.#ones ??= this.arrivals.map(arrival => new Batch([arrival]))
    return this.#ones[at] ?? new Batch([])
  }

  /** The last one that is in an order with others. */
  get lastInOrder(): Item | undefined {
    if (this.#last === null) this.#last = this.arrivals.findLast(({ item }) => !item.noSeq)?.item
    return this.#last
  }

  /** A stream without filters and ids has to do nothing but to write `chunks`: no action is for it, no filter is named. */
  get isPlain(): boolean {
    this.#isPlain ??= this.arrivals.every(({ item: { stream } }) => {
      return stream === undefined || (stream.action === 'send' && stream.contentFilters === undefined)
    })
    return this.#isPlain
  }
}

const lineEnd: Uint8Array = Buffer.from('\r\n')

function chunksOf(contents: readonly Uint8Array[]): Uint8Array | undefined {
  if (contents.length === 0) return undefined
  const parts = contents.flatMap(content => [
    Buffer.from(`${content.length.toString(16)}\r\n`),
    content,
    lineEnd,
  ])
  return Buffer.concat(parts)
}
