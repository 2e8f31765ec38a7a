// A TCP client that sends exactly the bytes it is given and keeps what comes back. For contracts about the wire,
// where an HTTP client would tidy up what is to be tested.
import { connect, type Socket } from 'node:net'
import { until } from './until.ts'

export interface Place {
  readonly host: string
  readonly port: number
  /** Of a unix socket, in place of the others. */
  readonly path?: string
}

export class RawClient {
  readonly #socket: Socket
  #chunks: Buffer[] = []
  /** Bytes received. */
  size = 0
  /** `data` events that brought them. */
  reads = 0
  /** The far end sent its FIN, or a reset. */
  closed = false
  /** Code of the error that ended it, such as ECONNREFUSED. */
  failure: string | undefined

  constructor({ host, port, path }: Place) {
    const place = path === undefined ? { host, port, noDelay: true } : { path }
    this.#socket = connect({ ...place, allowHalfOpen: true })
    this.#socket.on('data', chunk => {
      this.#chunks.push(chunk)
      this.size += chunk.length
      this.reads++
    })
    this.#socket.on('end', () => this.#over())
    this.#socket.on('close', () => this.#over())
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.failure = error.code
      this.#over() // a reset is one way to be closed
    })
  }

  get text(): string {
    return this.bytes.toString('latin1')
  }

  get bytes(): Buffer {
    const whole = Buffer.concat(this.#chunks)
    this.#chunks = [whole]
    return whole
  }

  /** Status codes of the answers so far. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
  }

  send(bytes: string | Uint8Array): this {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    return this
  }

  /** Reads nothing until `resume`: the kernel's buffers fill up. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Sends FIN and keeps reading. */
  endSending(): void {
    this.#socket.end()
  }

  leave(): void {
    this.#socket.destroy()
  }

  received(text: string): Promise<unknown> {
    return until(`${JSON.stringify(text)} from the far end, which sent ${JSON.stringify(this.text)}`, () =>
      this.text.includes(text),
    )
  }

  answers(count: number): Promise<unknown> {
    return until(`answer ${count}`, () => this.statuses.length >= count)
  }

  ended(deadlineMs?: number): Promise<unknown> {
    return until('the far end to close', () => this.closed, deadlineMs)
  }

  #over(): void {
    this.closed = true
    this.#socket.end()
  }
}
