// GRIP for tests of several protocols: a publisher at the control door, and streams that the built-in target holds.
import { defaults } from '../../helpers/daemon.ts'
import {
  type Answer,
  filledBetween,
  openingOf,
  type Protocol,
  post,
  type Reader,
  send,
} from '../../helpers/protocols/protocol.ts'
import { RawClient } from '../../helpers/raw-client.ts'

export const protocol: Protocol = {
  name: 'grip',
  hasPositions: false,
  publishesAt: 'control',
  bodyBytesMax: 1_000_000,
  tooLarge: 400,
  filled: filledBetween('', '', channel => bodyOf(channel, '')),
  publish(address, channel, content, sentBytes) {
    const headers = { authorization: `Bearer ${defaults['RINGCAST_GRIP_CONTROL_SECRET']}` }
    return post(address, '/publish/', headers, bodyOf(channel, String(content)), sentBytes)
  },
  async read(address, channel): Promise<Reader | Answer> {
    const connection = new RawClient(address)
    send(connection, 'GET', `/stream?channel=${encodeURIComponent(channel)}`, {})
    const answer = await openingOf(connection)
    if (answer !== undefined) return answer
    const reader = new ChunkReader(connection)
    await reader.next(1) // the target's own first page
    return reader
  },
}

function bodyOf(channel: string, content: string): string {
  return JSON.stringify({ items: [{ channel, formats: { 'http-stream': { content } } }] })
}

/** Each content is a chunk. The wire tells no positions, and nothing of gaps. */
class ChunkReader implements Reader {
  readonly gap = false
  readonly #connection: RawClient

  constructor(connection: RawClient) {
    this.#connection = connection
  }

  async next(count: number): Promise<string[]> {
    const texts: string[] = []
    while (texts.length < count) {
      const chunk = await this.#connection.chunk()
      if (chunk === undefined) throw new Error('the stream ended')
      texts.push(chunk.toString('utf8'))
    }
    return texts
  }

  position(): never {
    throw new Error('the wire tells no positions')
  }

  leave(): void {
    this.#connection.leave()
  }
}
