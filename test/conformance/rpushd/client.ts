// A small HTTP/1.1 client on a bare socket: what it is given leaves byte for byte, and answers are kept as they
// came, header names and all. Reads rpushd's streams frame by frame.
import { connect, type Socket } from 'node:net'
import { createFrameReader } from '../../../src/frontends/rpushd/codec.ts'

/** Ends what hangs, as in `until`. */
const deadlineMs = 60_000
const empty: Buffer = Buffer.alloc(0)

interface Head {
  /** `HTTP/1.1 200 OK` */
  readonly line: string
  readonly status: number
  /** In the order of the wire, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The whole head as it came, without its last empty line. */
  readonly text: string
}

export interface Answer extends Head {
  readonly body: Buffer
}

/** `address` is `host:port`. Everything that waits does so with a deadline. */
export class Connection {
  readonly #socket: Socket
  #unread: Buffer = empty
  /** Arrived behind `#unread` and not joined with it yet. */
  #arrived: Buffer[] = []
  #wake: (() => void) | undefined
  /** The daemon ended or reset the connection. */
  closed = false

  constructor(address: string) {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? []
    this.#socket = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true })
    this.#socket.on('data', bytes => {
      this.#arrived.push(bytes)
      this.#wake?.()
    })
    for (const event of ['end', 'close', 'error']) {
      // A reset is one way in which a connection is closed.
      this.#socket.on(event, () => {
        this.closed = true
        this.#wake?.()
      })
    }
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Sends FIN and keeps reading. */
  endSending(): void {
    this.#socket.end()
  }

  /** Reads nothing until `resume`, so that the kernel's buffers fill up. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  leave(): void {
    this.#socket.destroy()
  }

  /** The head of the next answer. */
  async head(): Promise<Head> {
    const text = (await this.#takeThrough('\r\n\r\n', 'the head of an answer')).toString('latin1').trimEnd()
    const [line = '', ...fields] = text.split('\r\n')
    const headers = fields.map(field => {
      const colon = field.indexOf(':')
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const
    })
    return { line, status: Number(line.split(' ')[1]), headers, text }
  }

  /** The next answer with its body; `method` is the one of the request, since HEAD has none. */
  async answer(method = 'GET'): Promise<Answer> {
    const head = await this.head()
    return { ...head, body: await this.#body(method, head) }
  }

  /** The next chunk of a chunked body; undefined behind the last one and where the connection is cut. */
  async chunk(): Promise<Buffer | undefined> {
    // The line end behind a chunk comes with the next one.
    const size = await this.#takeThrough(/^(?:\r\n)?[0-9a-f]+\r\n/i, 'a chunk').catch(this.#orCut)
    const bytes = Number.parseInt(size?.toString('latin1').trim() ?? '0', 16)
    if (bytes === 0) return undefined
    return this.#take(bytes, 'the rest of a chunk').catch(this.#orCut)
  }

  /** Resolves with what was not read once the daemon closed the connection. */
  async ended(): Promise<Buffer> {
    while (!this.closed) await this.#arrival('the connection to be closed')
    this.#join()
    return this.#unread
  }

  async #body(method: string, { status, headers }: Head): Promise<Buffer> {
    if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return empty
    const values = new Map(headers)
    const length = values.get('content-length')
    if (length !== undefined) return this.#take(Number(length), `${length} bytes of body`)
    if (values.get('transfer-encoding') !== 'chunked') {
      await this.ended()
      return this.#take(this.#unread.length, 'the body')
    }
    const chunks: Buffer[] = []
    for (let chunk = await this.chunk(); chunk !== undefined; chunk = await this.chunk()) chunks.push(chunk)
    await this.#takeThrough('\r\n', 'the end of the body')
    return Buffer.concat(chunks)
  }

  async #take(bytes: number, what: string): Promise<Buffer> {
    while (this.#unread.length < bytes) await this.#arrival(what)
    const taken = this.#unread.subarray(0, bytes)
    this.#unread = this.#unread.subarray(bytes)
    return taken
  }

  async #takeThrough(mark: string | RegExp, what: string): Promise<Buffer> {
    for (;;) {
      const found =
        typeof mark === 'string'
          ? this.#unread.indexOf(mark) + mark.length
          : mark.exec(this.#unread.toString('latin1', 0, 32))?.[0].length
      if (found !== undefined && (typeof mark !== 'string' || found >= mark.length))
        return this.#take(found, what)
      await this.#arrival(what)
    }
  }

  /** For what a cut may rightly interrupt. */
  readonly #orCut = (error: unknown): undefined => {
    if (!this.closed) throw error
  }

  /** Resolves as soon as there is more to look at. */
  #arrival(what: string): Promise<void> {
    if (this.#join()) return Promise.resolve()
    const unread = JSON.stringify(this.#unread.toString('latin1', 0, 200))
    if (this.closed) return Promise.reject(new Error(`closed before ${what}; unread: ${unread}`))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(
      () => reject(new Error(`waited ${deadlineMs} ms in vain for ${what}; unread: ${unread}`)),
      deadlineMs,
    )
    this.#wake = () => {
      clearTimeout(timer)
      resolve()
    }
    return promise
  }

  #join(): boolean {
    if (this.#arrived.length === 0) return false
    this.#unread = Buffer.concat([this.#unread, ...this.#arrived.splice(0)])
    return true
  }
}

/** The body of a stream whose head was read. */
export class FrameStream {
  readonly connection: Connection
  readonly #reader = createFrameReader()
  #frames: Uint8Array[] = []

  constructor(connection: Connection) {
    this.connection = connection
  }

  /** The next `count` payloads, heartbeats (empty ones) included; fewer where the stream ends. */
  async read(count: number): Promise<Uint8Array[]> {
    while (this.#frames.length < count) {
      const chunk = await this.connection.chunk()
      if (chunk === undefined) break
      this.push(chunk)
    }
    return this.#frames.splice(0, count)
  }

  /** The next `count` payloads that are no heartbeats, however many of those come between; fewer where it ends. */
  async messages(count: number): Promise<Uint8Array[]> {
    const messages: Uint8Array[] = []
    while (messages.length < count) {
      const [payload] = await this.read(1)
      if (payload === undefined) break
      if (payload.length > 0) messages.push(payload)
    }
    return messages
  }

  /** A chunk that somebody else read. */
  push(chunk: Uint8Array): void {
    this.#frames.push(...this.#reader.push(chunk))
  }
}
