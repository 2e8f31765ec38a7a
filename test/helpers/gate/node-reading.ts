// The bytes of one connection, read by Node.js's own parser (llhttp behind `node:http`), without a socket: it gets each piece
// synchronously, and what it makes of it is there when `add` returns.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'

export interface NodeRequest {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly version: string
  readonly rawHeaders: readonly string[]
  readonly keepsAlive: boolean
  readonly content: readonly Buffer[]
  readonly isWhole: () => boolean
}

export class NodeReader {
  readonly #server: Server
  readonly #socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  readonly requests: NodeRequest[] = []
  fault: string | undefined

  constructor() {
    this.#server = createServer({ requireHostHeader: false })
    const onRequest = (request: IncomingMessage, response: ServerResponse) =>
      void this.requests.push(watched(request, response.shouldKeepAlive))
    // Whoever listens for an expectation answers it; here all of them are requests like any other.
    for (const name of ['request', 'checkContinue', 'checkExpectation']) this.#server.on(name, onRequest)
    this.#server.on('clientError', (error: Error & { readonly code?: string }) => {
      this.fault ??= error.code ?? error.message
    })
    this.#server.emit('connection', this.#socket)
  }

  add(piece: Buffer): void {
    this.#socket.emit('data', piece)
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** What the parser pushes is taken where it arrives: as a stream it would come in a later turn. */
function watched(request: IncomingMessage, keepsAlive: boolean): NodeRequest {
  const content: Buffer[] = []
  request.push = (chunk: Buffer | null) => {
    if (chunk !== null) content.push(chunk)
    return true
  }
  const { method, url, httpVersion, rawHeaders } = request
  return {
    method,
    url,
    version: httpVersion,
    rawHeaders,
    keepsAlive,
    content,
    isWhole: () => request.complete,
  }
}
