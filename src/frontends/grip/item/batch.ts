// What a turn brought to one channel's clients, decoded once for all of them. Each part is made when somebody asks for it
// first: 5,000 plain streams share one ready chunk, and whoever has filters walks the items.
import type { Action, Item, ResponseSend } from './item.ts'

/** One item at its place. */
export interface Arrival {
  readonly item: Item
  /** The engine's number of it in its channel. */
  readonly offset: number
}

/** What an item asks for, and of which clients. */
export interface Asked {
  readonly arrival: Arrival
  readonly of: 'response' | 'stream' | 'socket'
  readonly action: Action
}

export class Batch {
  /** In order. */
  readonly arrivals: readonly Arrival[]
  #chunk: Uint8Array | undefined | null = null
  #actions: readonly Asked[] | undefined
  #response: { readonly arrival: Arrival; readonly format: ResponseSend } | undefined | null = null
  #isPlain: boolean | undefined

  constructor(arrivals: readonly Arrival[]) {
    this.arrivals = arrivals
  }

  /**
   * All contents for streams as one ready chunk of HTTP (RFC 9112 §7.1): size, data, line ends. Undefined where there is
   * nothing to write: a chunk of nothing would end the stream. What a close among them says is left to `actions`.
   */
  get chunk(): Uint8Array | undefined {
    if (this.#chunk === null) this.#chunk = chunkOf(this.contents)
    return this.#chunk
  }

  /** The same for a client that reads no chunks; made anew each time, for there are few of those. */
  get contents(): readonly Uint8Array[] {
    return this.arrivals.flatMap(contentsOf)
  }

  /** What answers a long poll: the first one. */
  get response(): { readonly arrival: Arrival; readonly format: ResponseSend } | undefined {
    if (this.#response === null) this.#response = responseIn(this.arrivals)
    return this.#response
  }

  get actions(): readonly Asked[] {
    this.#actions ??= this.arrivals.flatMap(actionsOf)
    return this.#actions
  }

  /** A stream without filters and ids has to do nothing but to write `chunk`: no action is for it, no filter is named. */
  get isPlain(): boolean {
    this.#isPlain ??= this.arrivals.every(({ item: { stream } }) => {
      return stream === undefined || (stream.action === 'send' && stream.contentFilters === undefined)
    })
    return this.#isPlain
  }
}

/** Batches by the bytes that they came in: one engine buffer is handed to every subscriber of a pass. */
export class Batches {
  readonly #decode: (bytes: Uint8Array) => readonly Arrival[]
  /** Whoever is offered the bytes after they were forgotten decodes them again. */
  readonly #known = new WeakMap<Uint8Array, Batch>()

  constructor(decode: (bytes: Uint8Array) => readonly Arrival[]) {
    this.#decode = decode
  }

  of(bytes: Uint8Array): Batch {
    const known = this.#known.get(bytes)
    if (known !== undefined) return known
    const batch = new Batch(this.#decode(bytes))
    this.#known.set(bytes, batch)
    return batch
  }
}

/** Contents as one chunk; undefined where all are empty. */
export function chunkOf(contents: readonly Uint8Array[]): Uint8Array | undefined {
  const length = contents.reduce((sum, content) => sum + content.length, 0)
  if (length === 0) return undefined
  return Buffer.concat([Buffer.from(`${length.toString(16)}\r\n`), ...contents, lineEnd])
}

const lineEnd: Uint8Array = Buffer.from('\r\n')

function contentsOf({ item: { stream } }: Arrival): readonly Uint8Array[] {
  return stream?.action === 'send' ? [stream.content] : []
}

function responseIn(arrivals: readonly Arrival[]): Batch['response'] {
  for (const arrival of arrivals) {
    const format = arrival.item.response
    if (format?.action === 'send') return { arrival, format }
  }
  return undefined
}

function actionsOf(arrival: Arrival): readonly Asked[] {
  const { item } = arrival
  return (['response', 'stream', 'socket'] as const).flatMap(of => {
    const action = item[of]?.action
    return action === undefined || action === 'send' ? [] : [{ arrival, of, action }]
  })
}
