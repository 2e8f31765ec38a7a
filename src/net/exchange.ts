// One HTTP request and its answer. Everything needed of the native request is copied before the handler returns;
// the native response is used until it was answered, held or aborted, and never after.
import { threadId } from 'node:worker_threads'
import type { Clock } from '../std/clock.ts'
import { afterThrow, guard } from './guard.ts'
import { asksForSocket } from './handshake.ts'
import { HeldStream, type StreamConsumer } from './held-stream.ts'
import { type Reply, writeHead, writeReply } from './reply.ts'
import type { Socket, SocketConsumer } from './socket.ts'
import type { Request, Response } from './uws.ts'

/** How a WebSocket is accepted. */
export interface Acceptance {
  /** One of `Exchange.protocols`; without it the client is told of none. */
  readonly protocol?: string | undefined
  /** As in `Reply`. Never sec-websocket-…, upgrade or connection: the library writes them. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Turns the response to a sound handshake into a socket. */
export type Upgrade = (
  response: Response,
  key: string,
  consumer: SocketConsumer,
  acceptance: Acceptance,
) => Socket

export interface NetCounters {
  requests: number
  aborted: number
  bodiesTooLarge: number
  suspects: number
  failures: number
}

export function createNetCounters(): NetCounters {
  return { requests: 0, aborted: 0, bodiesTooLarge: 0, suspects: 0, failures: 0 }
}

const empty = new Uint8Array(0)

/** RFC 9110 section 5.6.2. The library takes anything for a method, so what follows a body may look like a request. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Lists that may come in several lines (RFC 9110 section 5.3). Of other headers the first line counts. */
const listed = /^(?:connection|upgrade|content-length|sec-websocket-protocol)$/

export class Exchange {
  /** As sent: methods are case-sensitive. */
  readonly method: string
  /** Raw and still percent-encoded, without the query. Behind the prefix of a mount, and never empty. */
  readonly path: string
  /** Without the question mark; undefined where there is none. */
  readonly query: string | undefined
  /** It came by an address that leads to this worker alone; the one who opened the server says so. */
  byShard = false
  readonly #clock: Clock
  readonly #counters: NetCounters
  /** Name, value, name, value: there are few, and a map for each request costs more than looking through them. */
  #headers: readonly string[]
  /** Undefined once answered, held or aborted. */
  #response: Response | undefined
  #aborted: (() => void) | undefined
  /** Kept so that a throw behind `hold` closes it. */
  #held: HeldStream | undefined
  #upgrade: Upgrade | undefined
  /** As `#held`, behind `upgrade`. */
  #socket: Socket | undefined
  /** Framed in a way that the library cannot be trusted with: answered later, and the connection closed. */
  readonly #suspect: boolean
  #close = false
  /** As its length says; 0 where it says nothing. */
  #bytesToCome = 0
  /** Inside a callback of the library's, which joins what is written there into one packet by itself. */
  #corked = true
  #id: string | undefined
  /** How many requests of this thread have an id. */
  static #named = 0

  /** `upgrade`: where the request may become a socket. `mounted`: characters of the path that are its mount's. */
  constructor(
    clock: Clock,
    counters: NetCounters,
    response: Response,
    request: Request,
    upgrade?: Upgrade,
    mounted = 0,
  ) {
    this.#clock = clock
    this.#upgrade = upgrade
    this.#counters = counters
    this.#response = response
    // First of all: without it a throw would end the process (README, rule 2).
    response.onAborted(() => this.#lost())
    this.method = request.getCaseSensitiveMethod()
    const path = request.getUrl()
    this.path = mounted === 0 ? path : path.slice(mounted) || '/'
    this.query = request.getQuery() as string | undefined // typed as string, yet undefined where there is none
    const headers: string[] = []
    let lengths = 0
    let chunked = false
    request.forEach((name, value) => {
      // An empty one is none, yet the library takes it for one (RFC 9112 section 6.3).
      if (name === 'content-length') {
        lengths += value === '' ? 2 : 1
        this.#bytesToCome = Math.max(this.#bytesToCome, Number(value))
      } else if (name === 'transfer-encoding') chunked = true
      const at = indexOfName(headers, name)
      if (at < 0) headers.push(name, value)
      else if (listed.test(name)) headers[at + 1] += `, ${value}`
    })
    this.#headers = headers
    const { method } = this
    const bodyWithoutLength = lengths === 0 && (method === 'POST' || method === 'PUT' || method === 'PATCH')
    const isToken = method === 'POST' || method === 'GET' || token.test(method)
    this.#suspect = chunked || lengths > 1 || bodyWithoutLength || !isToken
    counters.requests++
    if (this.#suspect) counters.suspects++
  }

  /**
   * Names this request in log lines and answers, like `t3-1z4`: the thread and a count in base 36, unique while the
   * process runs, for a worker's successor is another thread. Made when it is first asked for.
   */
  get id(): string {
    this.#id ??= `t${threadId}-${(++Exchange.#named).toString(36)}`
    return this.#id
  }

  /** The first header of that lower-case name; of those that a handshake lists things in, all. Bytes beyond ASCII may be damaged: accept ASCII only. */
  header(name: string): string | undefined {
    const at = indexOfName(this.#headers, name)
    return at < 0 ? undefined : this.#headers[at + 1]
  }

  /** Whether the request asks for a WebSocket and may get one: `upgrade` accepts, `reply` refuses. */
  get wantsSocket(): boolean {
    return this.#upgrade !== undefined && asksForSocket(this)
  }

  /** The subprotocols that a WebSocket's client offers, the one it likes best first. */
  get protocols(): readonly string[] {
    const names = (this.header('sec-websocket-protocol') ?? '').split(',').map(name => name.trim())
    return names.filter(name => name !== '')
  }

  /** Neither answered nor lost yet. */
  get pending(): boolean {
    return this.#response !== undefined
  }

  /** Calls `run` when the client leaves before it was answered. */
  onAborted(run: () => void): void {
    this.#aborted = run
  }

  /**
   * Collects the body and calls `done` once, unless the client leaves first. A body over `bytesMax` is undefined;
   * the connection closes after the answer then. Call it before the handler returns. `borrowed`: `done` keeps no part
   * of the body when it returns, so that one which comes in one piece need not be copied.
   */
  readBody(
    bytesMax: number,
    done: (body: Uint8Array | undefined) => void,
    { borrowed = false }: { readonly borrowed?: boolean } = {},
  ): void {
    let first: Uint8Array = empty
    let others: Uint8Array[] | undefined
    let bytes = this.#bytesToCome > bytesMax ? Number.POSITIVE_INFINITY : 0
    let finished = false
    this.#response?.onData((chunk, last) => {
      if (finished) return
      // As the handler, this runs in the library's own cork.
      this.#corked = true
      bytes += chunk.byteLength
      finished = last || bytes > bytesMax
      if (bytes > bytesMax) {
        this.#close = true
        this.#counters.bodiesTooLarge++
        this.#tell(done, undefined)
      } else if (last && borrowed && first === empty) this.#tell(done, Buffer.from(chunk))
      else {
        // The library takes the chunk back when this returns, hence the copy.
        if (chunk.byteLength > 0) {
          const copy = Buffer.from(new Uint8Array(chunk))
          if (first === empty) first = copy
          else if (others === undefined) others = [first, copy]
          else others.push(copy)
        }
        if (last) this.#tell(done, others === undefined ? first : Buffer.concat(others, bytes))
      }
      this.#corked = false
    })
  }

  /** Answers. A second answer, or one to a client that left, is ignored. */
  reply(reply: Reply): void {
    if (this.#response === undefined) return
    if (!this.#suspect) return this.#send(reply, this.#close || reply.close === true)
    // Answered at once, a second request hidden in this one would be answered too. Later it finds one pending, and
    // the library drops the connection (README, rule 8).
    this.#clock.endOfTurn(() => this.#send(reply, true))
  }

  /**
   * Answers with a stream that stays open; `first` are its first bytes, not none. Undefined where the client left.
   * As long as the stream is held the library answers no second request on the connection.
   */
  hold(head: Reply, first: Uint8Array, consumer: StreamConsumer): HeldStream | undefined {
    const response = this.#take()
    if (response === undefined) return undefined
    this.#held = new HeldStream(this.#clock, response, consumer, () => {
      writeHead(response, head)
      response.write(first)
    })
    return this.#held
  }

  /**
   * Answers a request that `wantsSocket` with the socket. Undefined where the client left. At once is cheap; in a later
   * turn it costs some 20 system calls (README, rule 13).
   */
  upgrade(consumer: SocketConsumer, acceptance: Acceptance = {}): Socket | undefined {
    const [upgrade, key] = [this.#upgrade, this.header('sec-websocket-key') ?? '']
    const response = this.#take()
    if (response === undefined) return undefined
    if (upgrade === undefined) throw new Error('this request cannot become a socket')
    this.#socket = upgrade(response, key, consumer, acceptance)
    return this.#socket
  }

  /** Runs our code under the library's callback: a throw answers 500 or closes, then retires the worker. */
  guarded(body: () => void): void {
    try {
      body()
    } catch (error) {
      afterThrow(this.#clock, () => this.#failed(), error)
    }
  }

  /** The handler returned: from here on the answer is corked by us. */
  handled(): void {
    this.#corked = false
  }

  #tell(done: (body: Uint8Array | undefined) => void, body: Uint8Array | undefined): void {
    try {
      done(body)
    } catch (error) {
      afterThrow(this.#clock, () => this.#failed(), error)
    }
  }

  #failed(): void {
    this.#counters.failures++
    this.#close = true
    this.reply({ status: 500 })
    this.#held?.close()
    this.#socket?.close(1011)
  }

  #send(reply: Reply, close: boolean): void {
    const response = this.#take()
    if (response === undefined) return
    if (this.#corked) writeReply(response, this.method, reply, close)
    else response.cork(() => writeReply(response, this.method, reply, close))
  }

  #take(): Response | undefined {
    const response = this.#response
    this.#response = undefined
    this.#upgrade = undefined
    this.#aborted = undefined
    this.#headers = noHeaders
    return response
  }

  #lost(): void {
    const aborted = this.#aborted
    if (this.#take() === undefined) return
    this.#counters.aborted++
    guard(
      this.#clock,
      () => {},
      () => aborted?.(),
    )
  }
}

const noHeaders: readonly string[] = []

/** Of names and values in turn. */
function indexOfName(headers: readonly string[], name: string): number {
  for (let at = 0; at < headers.length; at += 2) if (headers[at] === name) return at
  return -1
}
