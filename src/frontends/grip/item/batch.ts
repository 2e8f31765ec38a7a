// What a turn brought to one channel's clients, looked at once for all of them. Each part is made when somebody asks for it
// first: 5,000 plain streams share one ready piece, and whoever has ids or filters walks the items.
import { serverFrame } from '../../../net/gate/frame-writer.ts'
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
  #socketFrames: Uint8Array | undefined | null = null
  /** By their items: those that were asked for one by one. */
  #ready: Map<Item, Uint8Array> | undefined
  #isPlainForSockets: boolean | undefined
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

  /** As `chunks`, for WebSockets: ready frames. */
  get socketFrames(): Uint8Array | undefined {
    if (this.#socketFrames === null) {
      const frames = this.arrivals.flatMap(({ item }) => socketFrame(item) ?? [])
      this.#socketFrames = frames.length > 1 ? Buffer.concat(frames) : frames[0]
    }
    return this.#socketFrames
  }

  /** The ready frame of one of its items, the same for all sockets; undefined: there is nothing to send. */
  frameOf(item: Item): Uint8Array | undefined {
    this.#ready ??= new Map()
    const known = this.#ready.get(item)
    if (known !== undefined) return known
    const frame = socketFrame(item)
    if (frame !== undefined) this.#ready.set(item, frame)
    return frame
  }

  /** A WebSocket without filters has to do nothing but to write `socketFrames`. */
  get isPlainForSockets(): boolean {
    this.#isPlainForSockets ??= this.arrivals.every(({ item: { socket } }) => {
      if (socket?.action === 'send') return socket.contentFilters === undefined
      // A hint means nothing to a WebSocket.
      return socket === undefined || socket.action === 'hint'
    })
    return this.#isPlainForSockets
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

function socketFrame({ socket }: Item): Uint8Array | undefined {
  return socket?.action === 'send' ? serverFrame(socket.type, socket.content) : undefined
}
