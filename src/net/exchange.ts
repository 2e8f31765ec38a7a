// One HTTP request and its answer. Everything needed of the native request is copied before the handler returns;
// the native response is used until it was answered, held or aborted, and never after.
import { STATUS_CODES } from 'node:http'
import type { Clock } from '../std/clock.ts'
import { guard } from './guard.ts'
import { HeldStream, type StreamConsumer } from './held-stream.ts'
import type { Request, Response } from './uws.ts'

export interface Reply {
  readonly status: number
  /** Names in lower case. Never content-length, date or transfer-encoding: the library writes them. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

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

/** Made once: putting one together for each answer shows in a profile. */
const statusLines: ReadonlyMap<number, string> = new Map(
  Object.entries(STATUS_CODES).map(([status, text]) => [Number(status), `${status} ${text}`]),
)

/** RFC 9110 section 5.6.2. The library takes anything for a method, so what follows a body may look like a request. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

export class Exchange {
  /** As sent: methods are case-sensitive. */
  readonly method: string
  /** Raw and still percent-encoded, without the query. */
  readonly path: string
  /** Without the question mark; undefined where there is none. */
  readonly query: string | undefined
  readonly #clock: Clock
  readonly #counters: NetCounters
  #headers: ReadonlyMap<string, string>
  /** Undefined once answered, held or aborted. */
  #response: Response | undefined
  #aborted: (() => void) | undefined
  /** Kept so that a throw behind `hold` closes it. */
  #held: HeldStream | undefined
  /** Framed in a way that the library cannot be trusted with: answered later, and the connection closed. */
  readonly #suspect: boolean
  #close = false

  constructor(clock: Clock, counters: NetCounters, response: Response, request: Request) {
    this.#clock = clock
    this.#counters = counters
    this.#response = response
    // First of all: without it a throw would end the process (README, rule 2).
    response.onAborted(() => this.#lost())
    this.method = request.getCaseSensitiveMethod()
    this.path = request.getUrl()
    this.query = request.getQuery() as string | undefined // typed as string, yet undefined where there is none
    const headers = new Map<string, string>()
    let lengths = 0
    let chunked = false
    request.forEach((name, value) => {
      if (name === 'content-length') lengths++
      else if (name === 'transfer-encoding') chunked = true
      if (!headers.has(name)) headers.set(name, value)
    })
    this.#headers = headers
    const bodyWithoutLength = lengths === 0 && /^(?:POST|PUT|PATCH)$/.test(this.method)
    this.#suspect = chunked || lengths > 1 || bodyWithoutLength || !token.test(this.method)
    counters.requests++
    if (this.#suspect) counters.suspects++
  }

  /** The first header of that lower-case name. Bytes beyond ASCII may be damaged: accept ASCII only. */
  header(name: string): string | undefined {
    return this.#headers.get(name)
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
   * the connection closes after the answer then. Call it before the handler returns.
   */
  readBody(bytesMax: number, done: (body: Uint8Array | undefined) => void): void {
    const chunks: Uint8Array[] = []
    let bytes = Number(this.header('content-length') ?? 0) > bytesMax ? Number.POSITIVE_INFINITY : 0
    let finished = false
    const finish = (body: Uint8Array | undefined) => {
      finished = true
      if (body === undefined) {
        this.#close = true
        this.#counters.bodiesTooLarge++
      }
      this.guarded(() => done(body))
    }
    this.#response?.onData((chunk, last) => {
      if (finished) return
      bytes += chunk.byteLength
      if (bytes > bytesMax) return finish(undefined)
      // The library takes the chunk back when this returns, hence the copy.
      if (chunk.byteLength > 0) chunks.push(Buffer.from(new Uint8Array(chunk)))
      if (last) finish(chunks.length === 1 ? (chunks[0] ?? empty) : Buffer.concat(chunks, bytes))
    })
  }

  /** Answers. A second answer, or one to a client that left, is ignored. */
  reply(reply: Reply): void {
    if (this.#response === undefined) return
    if (!this.#suspect) return this.#send(reply, this.#close)
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

  /** Runs our code under the library's callback: a throw answers 500 or closes, then retires the worker. */
  guarded(body: () => void): void {
    const failed = () => {
      this.#counters.failures++
      this.#close = true
      this.reply({ status: 500 })
      this.#held?.close()
    }
    guard(this.#clock, failed, body)
  }

  #send(reply: Reply, close: boolean): void {
    const response = this.#take()
    response?.cork(() => {
      writeHead(response, reply)
      const body = reply.body ?? ''
      if (this.method === 'HEAD') endWithoutBody(response, Buffer.byteLength(body), close)
      else if (reply.status === 204 || reply.status === 304) endWithoutBody(response, undefined, close)
      else response.end(body, close)
    })
  }

  #take(): Response | undefined {
    const response = this.#response
    this.#response = undefined
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

const noHeaders: ReadonlyMap<string, string> = new Map()

/**
 * README, rule 9: the library's length argument leaves the connection stuck unless it is 0, `undefined` for it is
 * sent as a huge number, and there is no close without it.
 */
function endWithoutBody(response: Response, length: number | undefined, close: boolean): void {
  if (close) response.endWithoutBody(0, true)
  else if (length === undefined) response.endWithoutBody()
  else response.writeHeader('content-length', String(length)).endWithoutBody()
}

function writeHead(response: Response, { status, headers }: Reply): void {
  response.writeStatus(statusLines.get(status) ?? `${status} `)
  for (const name in headers) response.writeHeader(name, headers[name] ?? '')
}
