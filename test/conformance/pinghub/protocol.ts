// Pinghub for tests of several protocols.

import {
  type Answer,
  advance,
  filledBetween,
  type Protocol,
  post,
  type Reader,
} from '../../helpers/protocols/protocol.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { type Frame, handshake, opcode, RawWebSocket } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'

export const protocol: Protocol = {
  name: 'pinghub',
  hasPositions: true,
  bodyBytesMax: 1_048_576,
  filled: filledBetween('', '', () => ''),
  publish: (address, channel, content, sentBytes) => post(address, targetOf(channel), {}, content, sentBytes),
  read: (address, channel, since = '') => readSocket(address, channel, since),
}

/** A slash stays one: it is how the protocol's own clients write it. */
function targetOf(channel: string): string {
  return `/${encodeURIComponent(channel).replaceAll('%2F', '/')}`
}

export async function readSocket(
  address: string,
  channel: string,
  since = '',
): Promise<SocketReader | Answer> {
  const raw = new RawClient(address)
  raw.send(handshake(`${targetOf(channel)}?since=${since}`))
  const { body, ...head } = await raw.answer()
  if (head.status !== 101) {
    raw.leave()
    return { status: head.status, body: body.toString() }
  }
  const reader = new SocketReader(new RawWebSocket(raw, head))
  await reader.begin()
  return reader
}

class SocketReader implements Reader {
  gap = false
  readonly #socket: RawWebSocket
  #seen = 0
  #position = ''

  constructor(socket: RawWebSocket) {
    this.#socket = socket
  }

  /** Reads the notice that the client asked for. */
  async begin(): Promise<void> {
    while (this.#position === '') await this.#one()
  }

  async next(count: number): Promise<string[]> {
    const texts: string[] = []
    while (texts.length < count) {
      const text = await this.#one()
      if (text !== undefined) texts.push(text)
    }
    return texts
  }

  position(): string {
    return this.#position
  }

  say(content: string | Uint8Array): void {
    this.#socket.send(typeof content === 'string' ? opcode.text : opcode.binary, content)
  }

  /** The code of the close frame that ends the connection. */
  async closeCode(): Promise<number | undefined> {
    return (await this.#socket.closed())?.[0]
  }

  /** Resolves when what was said before is handled: an empty message comes back, as a binary one. */
  async settled(): Promise<void> {
    this.say('')
    await until('the answer to an empty message', async () => {
      this.#socket.read()
      return this.#socket.frames.some(({ code, payload }) => code === opcode.binary && payload.length === 0)
    })
  }

  leave(): void {
    this.#socket.client.leave()
  }

  async #one(): Promise<string | undefined> {
    const { code, payload }: Frame = await this.#socket.frame(this.#seen++)
    if (code === opcode.text) {
      this.#position = advance(this.#position, 1)
      return payload.toString()
    }
    if (code !== opcode.binary || payload.length === 0) return undefined
    const { position, gap } = JSON.parse(payload.toString()).ringcast
    this.#position = position
    this.gap ||= gap
    return undefined
  }
}
