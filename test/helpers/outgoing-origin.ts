// An origin on a bare socket: keeps the bytes that come, and says what a test tells it to.
import { createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { until } from './until.ts'

export class OriginConnection {
  readonly socket: Socket
  #parts: Buffer[] = []
  /** The caller sent a FIN, or a reset. */
  isClosed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', piece => this.#parts.push(piece))
    for (const name of ['end', 'close', 'error']) {
      socket.on(name, () => {
        this.isClosed = true
      })
    }
  }

  get bytes(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0)
  }

  /** What came, in Latin-1. */
  get text(): string {
    return Buffer.concat(this.#parts).toString('latin1')
  }

  /** What came, which is forgotten, once it holds `text`. */
  async received(text = '\r\n\r\n'): Promise<string> {
    await until(JSON.stringify(text), () => this.text.includes(text))
    const all = this.text
    this.#parts = []
    return all
  }

  say(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }
}

export interface RawOrigin {
  readonly port: number
  readonly connections: readonly OriginConnection[]
  /** The connection of that number, when it is there. */
  connection(number?: number): Promise<OriginConnection>
  close(): Promise<void>
}

export interface RawOriginOptions {
  readonly tls?: TlsOptions
  readonly host?: string
  /** For each connection at once. */
  readonly serve?: (connection: OriginConnection) => void
}

export async function openRawOrigin(
  t: Pick<TestContext, 'after'>,
  { tls, host = '127.0.0.1', serve }: RawOriginOptions = {},
): Promise<RawOrigin> {
  const connections: OriginConnection[] = []
  const accept = (socket: Socket) => {
    const connection = new OriginConnection(socket)
    connections.push(connection)
    serve?.(connection)
  }
  const listening: Server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept)
  listening.on('tlsClientError', () => {})
  await new Promise<void>(resolve => listening.listen(0, host, resolve))
  const close = () =>
    new Promise<void>(resolve => {
      listening.close(() => resolve())
      for (const { socket } of connections) socket.destroy()
    })
  t.after(close)
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return {
    port: address.port,
    connections,
    connection: (number = 0) => until(`connection ${number}`, () => connections[number]),
    close,
  }
}

/** Answers each request that has no body, and says it to nobody. */
export function answering(answer: string): (connection: OriginConnection) => void {
  return connection => {
    connection.socket.on('data', () => {
      if (connection.text.endsWith('\r\n\r\n')) connection.received().then(() => connection.say(answer))
    })
  }
}
