// How publications reach holds. A frame is what a stream is written of an item, by itself, and what else the item says is found
// by the frame: this worker made both. So nothing is decoded twice, and thousands of plain streams share one chunk.
import type { Batch as EngineBatch, Format } from '../../engine/reader/subscriber.ts'
import type { Publication } from '../../engine/words/publication.ts'
import { type Arrival, Batch } from './item/batch.ts'
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
    const content = item.stream?.action === 'send' ? item.stream.content : undefined
    const frame =
      content === undefined || content.length === 0 ? new Uint8Array(1) : content.subarray(0, content.length)
    this.#arrivals.set(frame, { item, offset: publication.offset })
    return frame
  }
}
