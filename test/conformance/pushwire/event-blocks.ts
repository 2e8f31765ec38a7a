// Reads an event stream block by block, byte for byte, on a connection whose head was read.
import type { RawClient } from '../../helpers/raw-client.ts'
import type { PartReader } from '../dialect.ts'

export class EventBlocks implements PartReader {
  readonly #client: RawClient
  #text = ''

  constructor(client: RawClient) {
    this.#client = client
  }

  /** The next block without the empty line behind it; undefined behind the last one. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const block = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        return block
      }
      const chunk = await this.#client.chunk()
      if (chunk === undefined) return this.#rest()
      this.#text += chunk.toString()
    }
  }

  /** What a stream that broke off had begun. */
  #rest(): string | undefined {
    const text = this.#text
    this.#text = ''
    return text === '' ? undefined : text
  }
}
