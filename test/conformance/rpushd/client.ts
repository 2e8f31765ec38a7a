// Reads a stream of rpushd frame by frame, on a connection whose head was read.
import { createFrameReader } from '../../../src/frontends/rpushd/codec.ts'
import type { RawClient } from '../../helpers/raw-client.ts'

export class FrameStream {
  readonly connection: RawClient
  readonly #reader = createFrameReader()
  #frames: Uint8Array[] = []

  constructor(connection: RawClient) {
    this.connection = connection
  }

  /** The next `count` payloads, heartbeats (empty ones) included; fewer where the stream ends. */
  async read(count: number): Promise<Uint8Array[]> {
    while (this.#frames.length < count) {
      const chunk = await this.connection.chunk()
      if (chunk === undefined) break
      this.push(chunk)
    }
    return this.#frames.splice(0, count)
  }

  /** The next `count` payloads that are no heartbeats, however many of those come between; fewer where it ends. */
  async messages(count: number): Promise<Uint8Array[]> {
    const messages: Uint8Array[] = []
    while (messages.length < count) {
      const [payload] = await this.read(1)
      if (payload === undefined) break
      if (payload.length > 0) messages.push(payload)
    }
    return messages
  }

  /** A chunk that somebody else read. */
  push(chunk: Uint8Array): void {
    this.#frames.push(...this.#reader.push(chunk))
  }
}
