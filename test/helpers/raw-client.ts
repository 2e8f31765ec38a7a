// A client on a bare socket that sends exactly the bytes it is given and keeps what comes back until somebody takes it: as
// bytes, as heads and bodies of HTTP, or chunk by chunk. For whatever looks at the wire, where an HTTP client would tidy
// up what is to be tested.
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Answer, chunkAt, type Head, headEnd, headerOf, parseHead } from './raw-http.ts'

/** `host:port`, the same taken apart, or the path of a unix socket. */
export type Place =
  | string
  | { readonly host?: string; readonly port?: number; readonly path?: string }
  | TlsPlace

/** Bytes are those inside of TLS, and FIN is its closing alert in front of that of the connection. */
export interface TlsPlace {
  readonly host: string
  readonly port: number
  /** PEM: who signed its certificate. */
  readonly ca: string
}

/** Ends what hangs, as in `until`. */
const deadlineMsMax = 60_000
const shownBytes = 300

export class RawClient {
  readonly #socket: Socket
  #untaken: Buffer = Buffer.alloc(0)
  /** Arrived behind `#untaken` and not joined with it yet. */
  #arrived: Buffer[] = []
  readonly #waiting = new Set<() => void>()
  #isConnected = false
  /** The next chunk is the first of its body. */
  #isFirstChunk = true
  /** Bytes received. */
  size = 0
  /** `data` events that brought them. */
  reads = 0
  /** The far end sent its FIN, or a reset. */
  closed = false
  /** Code of the error that ended it, such as ECONNREFUSED. */
  failure: string | undefined

  constructor(place: Place) {
    const isTls = typeof place === 'object' && 'ca' in place
    const options = { ...(isTls ? place : optionsOf(place)), allowHalfOpen: true }
    this.#socket = isTls ? connectTls(options) : connect(options)
    this.#socket.on(isTls ? 'secureConnect' : 'connect', () => {
      this.#isConnected = true
      this.#wake()
    })
    this.#socket.on('data', chunk => {
      this.#arrived.push(chunk)
      this.size += chunk.length
      this.reads++
      this.#wake()
    })
    this.#socket.on('end', () => this.#over())
    this.#socket.on('close', () => this.#over())
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.failure = error.code
      this.#over() // a reset is one way to be closed
    })
  }

  /** What came and was not taken. */
  get bytes(): Buffer {
    if (this.#arrived.length > 0) this.#untaken = Buffer.concat([this.#untaken, ...this.#arrived.splice(0)])
    return this.#untaken
  }

  get text(): string {
    return this.bytes.toString('latin1')
  }

  /** Status codes of the answers that were not taken. */
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

  /** What is sent from then on is not joined with what was sent before. */
  async connected(): Promise<this> {
    await this.waitFor('the connection', () => this.#isConnected || this.closed)
    return this
  }

  received(text: string): Promise<unknown> {
    return this.waitFor(JSON.stringify(text), () => this.text.includes(text))
  }

  answers(count: number): Promise<unknown> {
    return this.waitFor(`answer ${count}`, () => this.statuses.length >= count)
  }

  /** Resolves with what nobody took once the far end closed. */
  async ended(deadlineMs?: number): Promise<Buffer> {
    await this.waitFor('the far end to close', () => this.closed, deadlineMs)
    return this.bytes
  }

  /** The head of the next answer. */
  head(): Promise<Head> {
    return this.waitFor('the head of an answer', () => this.takeHead())
  }

  /** The next answer with its body; `method` is the one of the request, since HEAD has none. */
  async answer(method = 'GET'): Promise<Answer> {
    const head = await this.head()
    return { ...head, body: await this.#body(method, head) }
  }

  /** What `chunk` read before was the last one of a body. */
  hasLastChunk = false

  /** The next chunk of a chunked body; undefined behind the last one and where the connection is cut. */
  async chunk(): Promise<Buffer | undefined> {
    const place = await this.waitFor(
      'a chunk',
      () => chunkAt(this.bytes, 0, this.#isFirstChunk) ?? this.closed,
    )
    if (place === true) return undefined
    const { dataAt, size } = place
    const isThere = () => this.#has(dataAt + size)
    await this.waitFor('the rest of a chunk', () => isThere() || this.closed)
    if (!isThere()) return undefined
    this.#isFirstChunk = false
    const chunk = this.takeNow(dataAt + size).subarray(dataAt)
    this.hasLastChunk = size === 0
    return this.hasLastChunk ? undefined : chunk
  }

  /** The next so many bytes. */
  async take(size: number): Promise<Buffer> {
    await this.waitFor(`${size} bytes`, () => this.#has(size))
    return this.takeNow(size)
  }

  /** Undefined: the next head is not complete yet. */
  takeHead(): Head | undefined {
    const end = this.bytes.indexOf(headEnd)
    if (end < 0) return undefined
    this.#isFirstChunk = true
    const text = this.takeNow(end + headEnd.length).toString('latin1', 0, end)
    return parseHead(text)
  }

  /** Bytes that are there. */
  takeNow(size: number): Buffer {
    const { bytes } = this
    this.#untaken = bytes.subarray(size)
    return bytes.subarray(0, size)
  }

  /** Looks again whenever bytes came, and for the last time when the far end closed. */
  async waitFor<Value>(
    what: string,
    look: () => Value | false | undefined,
    deadlineMs = deadlineMsMax,
  ): Promise<Value> {
    const end = performance.now() + deadlineMs
    for (;;) {
      const isLast = this.closed
      const value = look()
      if (value !== undefined && value !== false) return value
      const untaken = () => JSON.stringify(this.bytes.toString('latin1', 0, shownBytes))
      if (isLast) throw new Error(`closed before ${what}; not taken: ${untaken()}`)
      await this.#change(
        end - performance.now(),
        () => `waited ${deadlineMs} ms in vain for ${what}; not taken: ${untaken()}`,
      )
    }
  }

  async #body(method: string, head: Head): Promise<Buffer> {
    const { status } = head
    if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return Buffer.alloc(0)
    const length = headerOf(head, 'content-length')
    if (length !== undefined) return this.take(Number(length))
    if (headerOf(head, 'transfer-encoding') !== 'chunked') return this.takeNow((await this.ended()).length)
    const chunks: Buffer[] = []
    for (let chunk = await this.chunk(); chunk !== undefined; chunk = await this.chunk()) chunks.push(chunk)
    await this.take(2)
    return Buffer.concat(chunks)
  }

  #has(size: number): boolean {
    const arrived = this.#arrived.reduce((sum, { length }) => sum + length, this.#untaken.length)
    return arrived >= size
  }

  #change(ms: number, why: () => string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(new Error(why())), Math.max(0, ms))
    this.#waiting.add(resolve)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(resolve)
    })
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }

  #over(): void {
    this.closed = true
    this.#socket.end()
    this.#wake()
  }
}

function optionsOf(place: Exclude<Place, TlsPlace>) {
  if (typeof place === 'string') {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(place) ?? []
    return { host, port: Number(port), noDelay: true }
  }
  const { host = '', path, port = 0 } = place
  return path === undefined ? { host, port, noDelay: true } : { path }
}
