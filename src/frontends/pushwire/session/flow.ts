// What a client that asked for it may be sent before it acknowledges (contract §1.4, `slow`): so many frames of a channel. And
// the parts of a batch, where it may not be sent all of it.
import type { Batch } from '../../../engine/reader/subscriber.ts'
import { type Offset, parseOffset } from '../../../engine/words/position.ts'

export class Flow {
  readonly #window: number
  /** By channel, the offset up to which its client has processed everything. Channels of the connection alone are in it. */
  readonly #acked = new Map<string, number>()

  /** `window`: frames of a channel, one at least. */
  constructor(window: number) {
    this.#window = window
  }

  acked(name: string, offset: number): void {
    if (offset > (this.#acked.get(name) ?? 0)) this.#acked.set(name, offset)
  }

  /** It goes on behind that offset: nobody acknowledges what is missing, and a new numbering may begin lower. */
  missed(name: string, offset: number): void {
    if (this.#acked.has(name)) this.#acked.set(name, offset)
  }

  /** How many frames it takes from that offset on. What the client had before it asked counts as processed. */
  roomFrom(name: string, from: Offset): number {
    const acked = this.#acked.get(name) ?? from - 1
    this.#acked.set(name, acked)
    return acked + this.#window - (from - 1)
  }
}

/** The frames of a batch from one of them up to another, which are there. Each publication is a frame: numbers have no holes. */
export function partOf(batch: Batch, start: number, end = batch.frames.length): Batch {
  if (start === 0 && end === batch.frames.length) return batch
  const frames = batch.frames.slice(start, end)
  return {
    frames,
    size: frames.reduce((sum, frame) => sum + frame.length, 0),
    get bytes() {
      return Buffer.concat(frames)
    },
    from: parseOffset(batch.from + start),
    next: parseOffset(batch.from + end),
  }
}
