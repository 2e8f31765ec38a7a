// Clients that come and go all the time, so that sockets are on their way to a worker whenever one dies.
import { connect } from 'node:net'

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
  readonly #address: { readonly host: string; readonly port: number }
  #running = true
  readonly #finished: Promise<void>

  constructor(address: string, clients: number) {
    const [host = '', port] = address.split(':')
    this.#address = { host, port: Number(port) }
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
  #visit(request: string): Promise<void> {
    return new Promise(resolve => {
      let answered = false
      const socket = connect({ ...this.#address, noDelay: true })
      socket.on('connect', () => {
        socket.write(request)
        if (!request.endsWith('\r\n\r\n')) setImmediate(() => socket.destroy())
      })
      socket.on('data', () => {
        answered = true
        socket.destroy()
      })
      socket.on('error', () => {}) // counted as lost
      socket.on('close', () => {
        if (answered) this.answered++
        else if (request.endsWith('\r\n\r\n')) this.lost++
        resolve()
      })
    })
  }
}
