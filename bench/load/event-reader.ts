// An event stream: events end with an empty line, and what counts of each is its one line of data. Nothing is copied but an
// event that two reads share.
import type { BodyReader, StreamListener } from './frames.ts'

const lineFeed = 10
/** Begins `data: `, and no other field that a server sends here. */
const letterD = 100
const fieldBytes = 'data: '.length

export class EventReader implements BodyReader {
  readonly #listener: StreamListener
  /** The beginning of an event whose end is still to come. */
  #begun: Buffer | undefined

  constructor(listener: StreamListener) {
    this.#listener = listener
  }

  push(bytes: Uint8Array, from: number, to: number): void {
    let [source, at, end] = [bytes, from, to]
    if (this.#begun !== undefined) {
      source = Buffer.concat([this.#begun, bytes.subarray(from, to)])
      at = 0
      end = source.length
      this.#begun = undefined
    }
    const eventAt = this.#take(source, at, end)
    if (eventAt < end) this.#begun = Buffer.from(source.subarray(eventAt, end))
  }

  /** Returns where the first event begins that is not whole. */
  #take(bytes: Uint8Array, from: number, end: number): number {
    let eventAt = from
    let lineAt = from
    let [dataAt, dataEnd] = [0, 0]
    for (let at = from; at < end; at++) {
      if (bytes[at] !== lineFeed) continue
      if (at === lineAt) {
        if (dataEnd > 0) this.#listener.message(bytes, dataAt, dataEnd - dataAt)
        eventAt = at + 1
        dataEnd = 0
      } else if (bytes[lineAt] === letterD) [dataAt, dataEnd] = [lineAt + fieldBytes, at]
      lineAt = at + 1
    }
    return eventAt
  }
}
