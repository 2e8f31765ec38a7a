// An origin for bodies too large to keep: of what it is sent it knows only count and checksum, and it may read nothing for
// a while. What it answers comes from one buffer that all answers share.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

export interface SunkBody {
  readonly bytes: number
  readonly sha256: string
}

export class SinkOrigin {
  readonly #server: Server
  readonly #answer: Buffer
  readonly #open = new Set<IncomingMessage>()
  /** Bodies that were received to their end. */
  readonly bodies: SunkBody[] = []
  /** Of all bodies, those that are under way too. */
  receivedBytes = 0
  #isReading = true

  private constructor(answer: Buffer) {
    this.#answer = answer
    this.#server = createServer({ requestTimeout: 0 }, (request, response) => this.#take(request, response))
  }

  /** `answer`: what a GET is answered. */
  static async open(answer = Buffer.from('ok\n')): Promise<SinkOrigin> {
    const origin = new SinkOrigin(answer)
    origin.#server.listen(0, '127.0.0.1')
    await once(origin.#server, 'listening')
    return origin
  }

  get address(): string {
    const address = this.#server.address()
    return typeof address === 'object' ? `127.0.0.1:${address?.port}` : ''
  }

  /** Requests whose body is not whole yet. */
  get uploading(): number {
    return this.#open.size
  }

  /** Bodies stay where they are until `resume`. */
  pause(): void {
    this.#isReading = false
    for (const request of this.#open) request.pause()
  }

  resume(): void {
    this.#isReading = true
    for (const request of this.#open) request.resume()
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'GET') {
      response.setHeader('Content-Length', this.#answer.length)
      response.end(this.#answer)
      return
    }
    const hash = createHash('sha256')
    let bytes = 0
    this.#open.add(request)
    request.on('data', (piece: Buffer) => {
      hash.update(piece)
      bytes += piece.length
      this.receivedBytes += piece.length
    })
    request.on('end', () => {
      this.bodies.push({ bytes, sha256: hash.digest('hex') })
      response.end('taken\n')
    })
    request.on('close', () => this.#open.delete(request))
    if (!this.#isReading) request.pause()
  }
}
