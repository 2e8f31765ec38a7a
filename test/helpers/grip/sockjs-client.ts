// The client of SockJS that everybody has, as a test talks to it.
import { createRequire } from 'node:module'
import { until } from '../until.ts'

/** What of it is used: it has no types of its own. */
interface SockJs {
  onopen: () => void
  onmessage: (event: { readonly data: string }) => void
  onclose: (event: { readonly code: number; readonly reason: string }) => void
  send(text: string): void
  close(): void
}

type Transport = 'websocket' | 'xhr-polling'

/** Left to itself it gives a transport a third of a second, and the first call of a worker loads a library. */
const openMsMax = 60_000

const load = createRequire(import.meta.url)

export class SockJsClient {
  readonly heard: string[] = []
  /** Code and reason. */
  closed: string | undefined
  #isOpen = false
  readonly #socket: SockJs

  constructor(url: string, transport: Transport) {
    const Client = load('sockjs-client') as new (url: string, _: null, options: object) => SockJs // as its README has it
    const socket = new Client(url, null, { transports: [transport], timeout: openMsMax })
    this.#socket = socket
    socket.onopen = () => {
      this.#isOpen = true
    }
    socket.onmessage = ({ data }) => void this.heard.push(data)
    socket.onclose = ({ code, reason }) => {
      this.closed = `${code} ${reason}`
    }
  }

  async opened(): Promise<void> {
    await until('a session of SockJS', () => {
      if (this.closed !== undefined) throw new Error(`it closed with ${this.closed}`)
      return this.#isOpen
    })
  }

  say(text: string): void {
    this.#socket.send(text)
  }

  async hears(count: number): Promise<readonly string[]> {
    await until(`${count} messages`, () => this.heard.length >= count || this.closed !== undefined)
    return this.heard
  }

  async parted(): Promise<string> {
    return until('the end of a session', () => this.closed)
  }

  leave(): void {
    this.#socket.close()
  }
}
