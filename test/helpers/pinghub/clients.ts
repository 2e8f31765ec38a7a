// Subscribers and publishers of Pinghub over raw connections, for tests that need many of both.
import { equal } from 'node:assert/strict'
import { RawClient } from '../raw-client.ts'
import { encodeRequest } from '../raw-http.ts'
import { handshake, opcode, RawWebSocket } from '../raw-websocket.ts'
import { until } from '../until.ts'

export async function joinPath(address: string, target: string): Promise<RawWebSocket> {
  return new RawWebSocket(new RawClient(address)).open(handshake(target))
}

/** The first so many messages that are not empty. */
export async function messagesOf(
  socket: RawWebSocket,
  count: number,
  deadlineMs?: number,
): Promise<string[]> {
  const texts = () => {
    socket.read()
    return socket.frames.filter(({ code }) => code === opcode.text)
  }
  await until(`${count} messages`, () => texts().length >= count, deadlineMs)
  return texts().map(({ payload }) => payload.toString())
}

/** Sends one post after the other over one connection, each answered with success. */
export class Publisher {
  readonly #client: RawClient

  constructor(address: string) {
    this.#client = new RawClient(address)
  }

  async post(target: string, body: string): Promise<void> {
    this.#client.send(encodeRequest({ method: 'POST', target, body }))
    const answer = await this.#client.answer('POST')
    equal(`${answer.status} ${answer.body}`, '200 OK\n')
  }

  leave(): void {
    this.#client.leave()
  }
}
