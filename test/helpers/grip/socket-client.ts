// A client of WebSockets as people have it: what it got is kept as words in order, so that a test compares lists.
import { deepEqual } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { until } from '../until.ts'

/** Of a message: a flood is told by its beginnings. */
const keptLength = 40

export class SocketClient {
  /** Messages, and in the end `close 1000 reason`. */
  readonly got: string[] = []
  readonly socket: WebSocket
  #wasOpen = false

  private constructor(url: string, protocols: readonly string[]) {
    this.socket = new WebSocket(url, [...protocols])
    this.socket.onopen = () => {
      this.#wasOpen = true
    }
    this.socket.onmessage = ({ data }) => void this.got.push(String(data).slice(0, keptLength))
    this.socket.onclose = ({ code, reason }) => void this.got.push(`close ${code} ${reason}`.trim())
  }

  /** Whoever offers protocols and is given none ends the connection. `place` is `host:port`. */
  static async open(
    t: Pick<TestContext, 'after'>,
    place: string,
    path: string,
    protocols: readonly string[] = [],
  ): Promise<SocketClient> {
    const client = new SocketClient(`ws://${place}${path}`, protocols)
    t.after(() => client.socket.close())
    await until('the client to be let in', () => client.#wasOpen)
    return client
  }

  say(text: string): void {
    this.socket.send(text)
  }

  /** All that it got from its beginning on. */
  async gets(...words: readonly string[]): Promise<void> {
    await until(`the client to get ${words.join(', ')}`, () => this.got.length >= words.length).catch(
      () => {}, // the comparison says what is missing
    )
    deepEqual(this.got, words)
  }
}
