// Clients that come and go all the time, so that sockets are on their way to a worker whenever one dies.
import { RawClient } from '../raw-client.ts'

const requests = [
  'GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n',
  'GET /healthz HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n',
  'POST /api/publish HTTP/1.1\r\nhost: t\r\ncontent-length: 100\r\n\r\nhalf',
  'GET /healthz HT',
  '',
]

export class Churn {
  /** Connections that were answered, and those that were not. */
  answered = 0
  lost = 0
  readonly #address: string
  #running = true
  readonly #finished: Promise<void>

  constructor(address: string, clients: number) {
    this.#address = address
    const all = Array.from({ length: clients }, (_, index) => this.#run(index))
    this.#finished = Promise.all(all).then(() => {})
  }

  async stop(): Promise<void> {
    this.#running = false
    await this.#finished
  }

  async #run(index: number): Promise<void> {
    for (let turn = index; this.#running; turn++) await this.#visit(requests[turn % requests.length] ?? '')
  }

  /** Connects, sends, leaves: where an answer can be had after it, else at once. */
  async #visit(request: string): Promise<void> {
    const client = await new RawClient(this.#address).connected()
    client.send(request)
    if (request.endsWith('\r\n\r\n')) {
      await client.waitFor('an answer or the end', () => client.size > 0 || client.closed)
      if (client.size > 0) this.answered++
      else this.lost++
    } else await new Promise(resolve => setImmediate(resolve))
    client.leave()
  }
}
