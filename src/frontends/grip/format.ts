// How publications reach holds. A frame is what a client is written of an item, by itself, and what else the item says is found
// by the frame: this worker made both. So nothing is decoded twice, and thousands of plain streams share one chunk.
import type { Batch as EngineBatch, Format } from '../../engine/reader/subscriber.ts'
import type { Publication } from '../../engine/words/publication.ts'
import { type Arrival, Batch } from './item/batch.ts'
import type { Item } from './item/item.ts'
import { itemIn } from './item/rendering.ts'

export class Frames {
  readonly #arrivals = new WeakMap<Uint8Array, Arrival>()
  readonly #batches = new WeakMap<EngineBatch, Batch>()

  readonly format: Format = {
    id: 'grip',
    encode: publication => this.#encode(publication),
    omitted: () => 'pass',
  }

  /** What a batch stands for: the same object for all who are offered it. */
  of(batch: EngineBatch): Batch {
    const known = this.#batches.get(batch)
    if (known !== undefined) return known
    const made = new Batch(batch.frames.flatMap(frame => this.#arrivals.get(frame) ?? []))
    this.#batches.set(batch, made)
    return made
  }

  /** A view of its own for each, for the item is found by it. None is empty: what waits for a client is counted by it. */
  #encode(publication: Publication): Uint8Array {
    const item = itemIn(publication)
    const content = contentIn(item)
    const frame = content === undefined ? new Uint8Array(1) : content.subarray(0, content.length)
    this.#arrivals.set(frame, { item, offset: publication.offset })
    return frame
  }
}

/** What clients are written of it, those of WebSockets where there is nothing for a stream. */
function contentIn({ stream, socket }: Item): Uint8Array | undefined {
  if (stream?.action === 'send' && stream.content.length > 0) return stream.content
  return socket?.action === 'send' && socket.content.length > 0 ? socket.content : undefined
}
