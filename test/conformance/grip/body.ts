// Reads the body of an answer that stays open as one text: where chunks begin and end says nothing, since the original
// joins what was ready at the same moment.
import type { RawClient } from '../../helpers/raw-client.ts'
import { type Head, headerOf } from '../../helpers/raw-http.ts'
import type { PartReader } from '../dialect.ts'

export interface Rest {
  readonly text: string
  /** The body came to its end, and was not torn off. */
  readonly isWhole: boolean
}

export class Body implements PartReader {
  readonly #client: RawClient
  readonly #isChunked: boolean
  /** Of a body with a length. */
  #missing: number
  #text = ''
  #isWhole = false

  constructor(client: RawClient, head: Head) {
    this.#client = client
    this.#isChunked = headerOf(head, 'transfer-encoding') === 'chunked'
    const isEmpty = head.status === 204 || head.status === 304
    this.#missing = isEmpty ? 0 : Number(headerOf(head, 'content-length') ?? Number.POSITIVE_INFINITY)
  }

  /** What came next, in Latin-1. */
  async next(): Promise<string | undefined> {
    const bytes = await (this.#isChunked ? this.#chunk() : this.#piece())
    return bytes?.toString('latin1')
  }

  /** So many characters, or as many as there are up to the end. */
  async take(size: number): Promise<string> {
    while (this.#text.length < size) {
      const part = await this.next()
      if (part === undefined) break
      this.#text += part
    }
    const taken = this.#text.slice(0, size)
    this.#text = this.#text.slice(size)
    return taken
  }

  async rest(): Promise<Rest> {
    const text = await this.take(Number.POSITIVE_INFINITY)
    return { text, isWhole: this.#isWhole }
  }

  async #chunk(): Promise<Buffer | undefined> {
    const chunk = await this.#client.chunk()
    if (chunk !== undefined) return chunk
    if (!this.#client.hasLastChunk) return undefined
    this.#isWhole = await this.#client.take(2).then(
      line => line.toString('latin1') === '\r\n',
      () => false,
    )
    return undefined
  }

  async #piece(): Promise<Buffer | undefined> {
    if (this.#missing === 0) {
      this.#isWhole = true
      return undefined
    }
    const client = this.#client
    await client.waitFor('more of a body', () => client.bytes.length > 0 || client.closed)
    const bytes = client.takeNow(Math.min(client.bytes.length, this.#missing))
    this.#missing -= bytes.length
    if (bytes.length > 0) return bytes
    this.#isWhole = this.#missing === Number.POSITIVE_INFINITY && client.failure === undefined
    return undefined
  }
}
