// What a client that asked for it may be sent before it acknowledges (contract §1.4, `slow`): so many frames of a channel.
import type { Batch } from '../../engine/reader/subscriber.ts'
import { parseOffset } from '../../engine/words/position.ts'
import { offsetOf } from './cursors.ts'

export class Flow {
  readonly #window: number
  /** By channel, the offset up to which its client has processed everything. */
  readonly #acked = new Map<string, number>()

  /** `window`: frames of a channel, one at least. */
  constructor(window: number) {
    this.#window = window
  }

  acked(name: string, cursor: number): void {
    const offset = offsetOf(cursor)
    if (offset > (this.#acked.get(name) ?? 0)) this.#acked.set(name, offset)
  }

  /** The beginning of the batch that may go; undefined: nothing. What the client had before it asked counts as processed. */
  partOf(name: string, batch: Batch): Batch | undefined {
    const acked = Math.max(this.#acked.get(name) ?? batch.from - 1, 0)
    this.#acked.set(name, acked)
    const count = Math.min(batch.frames.length, acked + this.#window - (batch.from - 1))
    if (count >= batch.frames.length) return batch
    return count <= 0 ? undefined : beginningOf(batch, count)
  }
}

/** Each publication of this protocol is a frame, so they are numbered without a gap. */
function beginningOf(batch: Batch, count: number): Batch {
  const frames = batch.frames.slice(0, count)
  const size = frames.reduce((sum, frame) => sum + frame.length, 0)
  return {
    frames,
    size,
    get bytes() {
      return Buffer.concat(frames)
    },
    from: batch.from,
    next: parseOffset(batch.from + count),
  }
}
