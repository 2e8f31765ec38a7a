// Clients that come and go all the time, so that sockets are on their way to a worker whenever one dies.
import type { Daemon } from '../daemon.ts'
import { type Streaming, streaming } from '../protocols/streaming.ts'
import { RawClient } from '../raw-client.ts'
import { encodeRequest } from '../raw-http.ts'

/** Any answer to the whole ones will do. */
const requestsTo = ({ publication }: Streaming): readonly string[] => [
  'GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n',
  'GET /healthz HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n',
  encodeRequest({ ...publication('churn', '{}'), length: 100 }).toString(),
  'GET /healthz HT',
  '',
]

export class Churn {
  /** Connections that were answered, and those that were not. */
  answered = 0
  lost = 0
  /** By protocol. */
  readonly #visits: readonly (readonly [address: string, requests: readonly string[]])[]
  #running = true
  readonly #finished: Promise<void>

  constructor(daemon: Daemon, clients: number) {
    this.#visits = streaming.map(protocol => [daemon.address(protocol.name), requestsTo(protocol)])
    const all = Array.from({ length: clients }, (_, index) => this.#run(index))
    this.#finished = Promise.all(all).then(() => {})
  }

  async stop(): Promise<void> {
    this.#running = false
    await this.#finished
  }

  async #run(index: number): Promise<void> {
    const [address, requests] = this.#visits[index % this.#visits.length] ?? ['', []]
    for (let turn = index; this.#running; turn++)
      await this.#visit(address, requests[turn % requests.length] ?? '')
  }

  /** Connects, sends, leaves: where an answer can be had after it, else at once. */
  async #visit(address: string, request: string): Promise<void> {
    const client = await new RawClient(address).connected()
    client.send(request)
    if (request.endsWith('\r\n\r\n')) {
      await client.waitFor('an answer or the end', () => client.size > 0 || client.closed)
      if (client.size > 0) this.answered++
      else this.lost++
    } else await new Promise(resolve => setImmediate(resolve))
    client.leave()
  }
}
