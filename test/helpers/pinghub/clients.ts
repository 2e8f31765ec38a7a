// Subscribers and publishers of Pinghub over raw connections, for tests that need many of both.
import { equal } from 'node:assert/strict'
import { HttpClient, placeOf } from '../../conformance/pinghub/client.ts'
import { RawClient } from '../raw-client.ts'
import { handshake, opcode, RawWebSocket } from '../raw-websocket.ts'
import { until } from '../until.ts'

export async function joinPath(address: string, target: string): Promise<RawWebSocket> {
  return new RawWebSocket(new RawClient(placeOf(address))).open(handshake(target))
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
  readonly #http: HttpClient

  constructor(address: string) {
    this.#http = new HttpClient(new RawClient(placeOf(address)))
  }

  async post(target: string, body: string): Promise<void> {
    const bytes = Buffer.from(body)
    this.#http.raw.send(`POST ${target} HTTP/1.1\r\nhost: t\r\ncontent-length: ${bytes.length}\r\n\r\n`)
    this.#http.raw.send(bytes)
    const { status, body: said } = await this.#http.answer('POST')
    equal(`${status} ${said}`, '200 OK\n')
  }

  leave(): void {
    this.#http.leave()
  }
}
