// An origin on bare sockets: keeps every request exactly as it came, and answers with exactly the bytes that a script
// gives for its path. For whatever stands in front of origins, where a library would tidy up what is to be tested.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { OriginSocket, type SocketScript } from './origin-socket.ts'
import { type Headers, headEnd } from './raw-http.ts'

/** Pieces are sent one after the other, with so much time before the first and between them. */
export interface OriginAnswer {
  readonly pieces: readonly (string | Uint8Array)[]
  readonly delayMs?: number
  readonly gapMs?: number
  /** What becomes of the connection; without it, it takes the next request. */
  readonly ends?: 'close' | 'reset'
  /** It accepts a WebSocket; the pieces are none. */
  readonly socket?: SocketScript
}

/** Answers by path without query; the last one is for all further requests. */
export interface OriginScript {
  readonly path: string
  readonly answers: readonly OriginAnswer[]
}

export interface OriginRequest {
  readonly line: string
  /** As they came, names included. */
  readonly headers: Headers
  readonly body: Buffer
  /** By `performance.now()`: its last byte was there. */
  readonly atMs: number
  /** Bytes of the answer that the kernel did not take yet. */
  readonly unsent: () => number
  /** The far end closed its connection afterwards. */
  leftAtMs?: number
}

const plain: OriginAnswer = {
  pieces: ['HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n'],
}

/** What one origin is asked on all of its connections. */
export class RawOrigin {
  /** All that came, whatever it asked for, in order. */
  readonly requests: OriginRequest[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #scripts = new Map<string, readonly OriginAnswer[]>()
  readonly #received = new Map<string, OriginRequest[]>()
  /** By path. */
  readonly #webSockets = new Map<string, OriginSocket[]>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(): Promise<RawOrigin> {
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    const origin = new RawOrigin(server)
    server.on('connection', socket => origin.#accept(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return origin
  }

  get address(): string {
    const address = this.#server.address()
    return typeof address === 'object' ? `127.0.0.1:${address?.port}` : ''
  }

  /** Each path has one script, so that several tests may use one origin at a time. */
  script({ path, answers }: OriginScript): void {
    if (this.#scripts.has(path)) throw new Error(`${path} has a script already`)
    this.#scripts.set(path, answers)
  }

  /** What came for a path, whatever its query. */
  received(path: string): readonly OriginRequest[] {
    return this.#received.get(path) ?? []
  }

  /** The WebSockets that it accepted for a path. */
  webSockets(path: string): readonly OriginSocket[] {
    return this.#webSockets.get(path) ?? []
  }

  /** Nobody listens at its address, and its connections are gone; what it received and its scripts stay. */
  async goDown(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** Behind `goDown`, at `address` as it was. */
  async comeUp(address: string): Promise<void> {
    const [host, port] = address.split(':')
    this.#server.listen(Number(port), host)
    await once(this.#server, 'listening')
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.goDown()
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    let bytes = Buffer.alloc(0)
    let current: OriginRequest | undefined
    let webSocket: OriginSocket | undefined
    const over = () => {
      if (current !== undefined) current.leftAtMs ??= performance.now()
      socket.end()
    }
    socket.on('data', chunk => {
      bytes = Buffer.concat([bytes, chunk])
      for (;;) {
        if (webSocket !== undefined) {
          webSocket.hear(bytes)
          bytes = Buffer.alloc(0)
          return
        }
        const taken = takeRequest(bytes, () => socket.writableLength)
        if (taken === undefined) return
        bytes = bytes.subarray(taken.size)
        current = taken.request
        const answer = this.#answerTo(current)
        if (answer.socket === undefined) send(socket, answer)
        else webSocket = this.#takeSocket(socket, current, answer.socket)
      }
    })
    socket.on('end', over)
    socket.on('error', over)
    socket.on('close', () => {
      over()
      this.#sockets.delete(socket)
    })
  }

  #answerTo(request: OriginRequest): OriginAnswer {
    const path = pathOf(request)
    const earlier = this.#received.get(path) ?? []
    this.#received.set(path, [...earlier, request])
    this.requests.push(request)
    const answers = this.#scripts.get(path) ?? [plain]
    return answers[earlier.length] ?? answers.at(-1) ?? plain
  }

  #takeSocket(socket: Socket, request: OriginRequest, script: SocketScript): OriginSocket {
    const path = pathOf(request)
    const taken = new OriginSocket(socket, request.headers, script)
    this.#webSockets.set(path, [...this.webSockets(path), taken])
    return taken
  }
}

async function send(socket: Socket, { pieces, delayMs = 0, gapMs = 0, ends }: OriginAnswer): Promise<void> {
  if (delayMs > 0) await pass(delayMs)
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await pass(gapMs)
    socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
  }
  if (ends === 'close') socket.end()
  if (ends === 'reset') socket.resetAndDestroy()
}

/** An answer that never comes does not keep the process of its test: sockets do, as long as there are some. */
const pass = (ms: number) => new Promise(resolve => setTimeout(resolve, ms).unref())

function pathOf({ line }: OriginRequest): string {
  return line.split(' ')[1]?.split('?')[0] ?? ''
}

interface Taken {
  readonly request: OriginRequest
  readonly size: number
}

/** The first request of the bytes; undefined: it is not complete yet. */
function takeRequest(bytes: Buffer, unsent: () => number): Taken | undefined {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return undefined
  const bodyAt = end + headEnd.length
  const [line = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers = fields.map(field => {
    const colon = field.indexOf(':')
    return [field.slice(0, colon), field.slice(colon + 1).trim()] as const
  })
  const named = (name: string) => headers.findLast(([each]) => each.toLowerCase() === name)?.[1]
  const make = (body: Buffer, size: number) => ({
    request: { line, headers, body, atMs: performance.now(), unsent },
    size,
  })
  if (named('transfer-encoding')?.toLowerCase() === 'chunked') {
    const chunked = takeChunks(bytes, bodyAt)
    return chunked && make(chunked.body, chunked.end)
  }
  const size = bodyAt + Number(named('content-length') ?? 0)
  return bytes.length < size ? undefined : make(bytes.subarray(bodyAt, size), size)
}

function takeChunks(
  bytes: Buffer,
  bodyAt: number,
): { readonly body: Buffer; readonly end: number } | undefined {
  const chunks: Buffer[] = []
  for (let at = bodyAt; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const dataAt = lineEnd + 2
    at = dataAt + size + 2
    if (bytes.length < at) return undefined
    if (size === 0) return { body: Buffer.concat(chunks), end: at }
    chunks.push(bytes.subarray(dataAt, dataAt + size))
  }
}
