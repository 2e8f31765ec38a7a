// Reads a stream of pushy block by block, byte for byte, on a connection whose head was read.
import type { RawClient } from '../../helpers/raw-client.ts'

export class EventStream {
  readonly connection: RawClient
  #text = ''

  constructor(connection: RawClient) {
    this.connection = connection
  }

  /** The next block without the empty line behind it; undefined behind the last one. */
  async block(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const block = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        return block
      }
      const chunk = await this.connection.chunk()
      if (chunk === undefined) return undefined
      this.#text += chunk.toString()
    }
  }

  /** The next block that is no heartbeat. */
  async event(): Promise<string | undefined> {
    for (;;) {
      const block = await this.block()
      if (block !== ':') return block
    }
  }
}
