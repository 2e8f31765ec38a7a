// A publisher that is one of the streams: it sends over its WebSocket, and takes its own message, when it comes back, for the
// answer.
import { publisherOf, stamp } from './payload.ts'
import type { PublisherPlan, Sender } from './publisher.ts'
import { textFrame } from './socket-reader.ts'
import type { Streams } from './streams.ts'

export class StreamPublisher implements Sender {
  published = 0
  readonly #streams: Streams
  /** Its place among those that this process holds. */
  readonly #stream: number
  readonly #part: number
  readonly #index: number
  readonly #frame: Buffer
  readonly #payloadAt: number
  #acknowledged: () => void = () => {}
  #refused: (error: Error) => void = () => {}

  constructor(plan: PublisherPlan, part: number, index: number, place: { streams: Streams; stream: number }) {
    this.#streams = place.streams
    this.#stream = place.stream
    this.#part = part
    this.#index = index
    const text = plan.head + plan.template + plan.tail
    this.#frame = textFrame(text)
    this.#payloadAt = this.#frame.length - Buffer.byteLength(text) + Buffer.byteLength(plan.head)
    this.#streams.hear(this.#stream, {
      message: (bytes, at) => this.#heard(bytes, at),
      failed: reason => this.#refused(new Error(reason)),
    })
  }

  send(timeUs: number, acknowledged: () => void, refused: (error: Error) => void): void {
    this.#acknowledged = acknowledged
    this.#refused = refused
    // The last message came back, so its bytes have left and the buffer is free again.
    stamp(this.#frame, this.#payloadAt, this.#part, this.#index, this.published, timeUs)
    this.#streams.say(this.#stream, this.#frame)
  }

  close(): void {
    this.#streams.hear(this.#stream, undefined)
  }

  /** The judge has seen that its messages come once and in order, so one of its own is the one that is awaited. */
  #heard(bytes: Uint8Array, at: number): void {
    if (publisherOf(bytes, at) !== this.#index) return
    this.published++
    this.#acknowledged()
  }
}
