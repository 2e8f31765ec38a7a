// One HTTP request and its answer. Everything needed of the native request is copied before the handler returns;
// the native response is used until it was answered, held or aborted, and never after.
import { threadId } from 'node:worker_threads'
import { Body, type BodyTaker, type BodyWishes, bodyRefusals } from './body.ts'
import type { NetCounters } from './counters.ts'
import { afterThrow, guard } from './guard.ts'
import { asksForSocket } from './handshake.ts'
import { type Head, indexOfName, noHead, readHead } from './head.ts'
import { HeldStream, type StreamConsumer } from './held-stream.ts'
import type { Impatience, Unfinished } from './intake.ts'
import { Lingering } from './lingering.ts'
import type { Net } from './net.ts'
import { type Reply, writeHead, writeReply } from './reply.ts'
import { SizedBody, type SizedConsumer } from './sized-body.ts'
import type { Socket, SocketConsumer } from './socket.ts'
import type { Acceptance, Upgrade } from './upgrade.ts'
import { type Request, type Response, remoteAddressOf } from './uws.ts'

export class Exchange implements Unfinished {
  /** As sent: methods are case-sensitive. */
  readonly method: string
  /** Raw and still percent-encoded, without the query. Behind the prefix of a mount, and never empty. */
  readonly path: string
  /** Without the question mark; undefined where there is none. */
  readonly query: string | undefined
  /** It came by an address that leads to this worker alone; the one who opened the server says so. */
  byShard = false
  readonly #net: Net
  readonly #counters: NetCounters
  #head: Head
  /** Undefined once answered, held or aborted. */
  #response: Response | undefined
  #aborted: (() => void) | undefined
  /** Kept so that a throw behind `hold` closes it. */
  #held: HeldStream | SizedBody | undefined
  #upgrade: Upgrade | undefined
  /** As `#held`, behind `upgrade`. */
  #socket: Socket | undefined
  /** Undefined where nobody wants it, or not any more. */
  #body: Body | undefined
  #done: BodyTaker | undefined
  /** Some of the body may still come. */
  #isSending: boolean
  /** The answer that waits until the client has sent everything. */
  #lingering: Lingering | undefined
  /** Its answer is there, though it may not have left. */
  #isAnswered = false
  #close = false
  /** The answer leaves at the end of the turn, whenever it is there. */
  readonly #isPutOff: boolean
  /** Inside a callback of the library's, which joins what is written there into one packet by itself. */
  #corked = true
  #id: string | undefined
  /** How many requests of this thread have an id. */
  static #named = 0

  /** `upgrade`: where the request may become a socket. `mounted`: characters of the path that are its mount's. */
  constructor(
    net: Net,
    counters: NetCounters,
    response: Response,
    request: Request,
    upgrade?: Upgrade,
    mounted = 0,
  ) {
    this.#net = net
    this.#upgrade = upgrade
    this.#counters = counters
    this.#response = response
    // First of all: without it a throw would end the process (README, rule 2).
    response.onAborted(() => this.#lost())
    this.method = request.getCaseSensitiveMethod()
    this.path = request.getUrl().slice(mounted) || '/'
    this.query = request.getQuery() as string | undefined // typed as string, yet undefined where there is none
    this.#head = readHead(request, this.method)
    const { framing, isSuspect } = this.#head
    // Answered at once, a second request hidden in this one would be answered too. Later it finds one pending, and
    // the library drops the connection (README, rule 8).
    this.#isPutOff = net.turn.putsOff() || isSuspect
    this.#close = isSuspect
    this.#isSending = framing !== 'none'
    if (this.#isSending) this.#listen()
    counters.requests++
    if (isSuspect) counters.suspects++
  }

  /** Names this request in log lines and answers, like `t3-1z4`: the thread, whose successor is another one, and a count in base 36. */
  get id(): string {
    this.#id ??= `t${threadId}-${(++Exchange.#named).toString(36)}`
    return this.#id
  }

  /** The first header of that lower-case name; of those that a handshake lists things in, all. Bytes beyond ASCII may be damaged: accept ASCII only. None once it was answered. */
  header(name: string): string | undefined {
    const at = indexOfName(this.#head.headers, name)
    return at < 0 ? undefined : this.#head.headers[at + 1]
  }

  /** Whether the request asks for a WebSocket and may get one: `upgrade` accepts, `reply` refuses. */
  get wantsSocket(): boolean {
    return this.#upgrade !== undefined && asksForSocket(this)
  }

  /** Neither answered nor lost yet. */
  get pending(): boolean {
    return this.#response !== undefined && !this.#isAnswered
  }

  /** Address of the other end, which may be a proxy. Empty on a unix socket, and once it was answered. */
  get remoteAddress(): string {
    return remoteAddressOf(this.#response)
  }

  /** Calls `run` when the client leaves before it was answered. */
  onAborted(run: () => void): void {
    this.#aborted = run
  }

  /**
   * Collects the body and calls `done` once, unless the client leaves first or is refused here: for pieces too small,
   * too slow or too much at once. A body over `bytesMax` is undefined; the connection closes after the answer then. Call
   * it before the handler returns. `borrowed`: `done` keeps no part of the body when it returns, so that one which comes
   * in one piece need not be copied.
   */
  readBody(bytesMax: number, done: BodyTaker, { borrowed = false }: BodyWishes = {}): void {
    const { bytesToCome, framing } = this.#head
    this.#body = new Body({ bytesMax, bytesToCome, isChunked: framing === 'chunked', isBorrowed: borrowed })
    this.#done = done
    if (!this.#isSending) this.#listen()
  }

  /** Answers. A second answer, or one to a client that left, is ignored. */
  reply(reply: Reply): void {
    if (!this.pending) return
    this.#isAnswered = true
    if (reply.close === true || this.#net.isLeaving) this.#close = true
    if (this.#close && this.#isSending) this.#linger(reply)
    else if (this.#isPutOff) this.#net.clock.endOfTurn(() => this.#send(reply))
    else this.#send(reply)
  }

  /**
   * Answers with a stream that stays open; `first` are its first bytes, not none. Undefined where the client left.
   * As long as the stream is held the library answers no second request on the connection.
   */
  hold(head: Reply, first: Uint8Array, consumer: StreamConsumer): HeldStream | undefined {
    const response = this.#isAnswered ? undefined : this.#answer()
    if (response === undefined) return undefined
    const held = new HeldStream(this.#net.clock, response, consumer, () => {
      writeHead(response, head)
      response.write(first)
    })
    this.#held = held
    held.isCutAtEnd = this.#isSending
    return held
  }

  /** Answers in a later turn, not to `HEAD`, with so many bytes, not none. Undefined where the client left, or was refused for a body of its own. */
  fill(head: Reply, bytes: number, consumer: SizedConsumer): SizedBody | undefined {
    if (this.#isSending || this.#close) this.reply({ status: 400, close: true })
    const response = this.#isAnswered ? undefined : this.#answer()
    if (response === undefined) return undefined
    const body = new SizedBody(this.#net.clock, response, bytes, consumer, () => writeHead(response, head))
    this.#held = body
    return body
  }

  /** Answers a request that `wantsSocket`. Undefined where the client left. In a later turn it costs some 20 system calls (README, rule 13). */
  upgrade(consumer: SocketConsumer, acceptance: Acceptance = {}): Socket | undefined {
    const [upgrade, key] = [this.#upgrade, this.header('sec-websocket-key') ?? '']
    const response = this.#isAnswered ? undefined : this.#answer()
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
      afterThrow(this.#net.clock, () => this.#failed(), error)
    }
  }

  /** The handler returned: from here on the answer is corked by us. */
  handled(): void {
    this.#corked = false
  }

  /** Its part of the worker's bodies is over. */
  giveUp(why: Impatience): void {
    this.#body = undefined
    this.#refuse(bodyRefusals[why])
  }

  /** Once: of each kind of callback the library keeps the last one. */
  #listen(): void {
    this.#response?.onData((chunk, last) => {
      // As the handler, this runs in the library's own cork.
      this.#corked = true
      if (last) this.#isSending = false
      if (last && this.#held !== undefined) this.#held.isCutAtEnd = false
      if (!this.#net.turn.admits(this, chunk.byteLength)) this.#flooded()
      else if (this.#lingering !== undefined) this.#lingering.dropped(chunk.byteLength, last)
      else if (this.#body !== undefined) this.#collect(this.#body, chunk, last)
      this.#corked = false
    })
  }

  #collect(body: Body, chunk: ArrayBuffer, last: boolean): void {
    const { intake } = this.#net
    const taken = body.add(chunk, last)
    if (taken === undefined) return intake.hold(this, body.heldBytes)
    this.#body = undefined
    intake.release(this)
    if (taken === 'in-crumbs') {
      this.#counters.bodiesInCrumbs++
      return this.#refuse(bodyRefusals[taken])
    }
    if (taken === 'too-large') {
      this.#counters.bodiesTooLarge++
      this.#close = true
    }
    this.guarded(() => this.#done?.(taken === 'too-large' ? undefined : taken))
  }

  /** Without a word: as long as it is open, the rest of what the library read would come to us all the same. */
  #flooded(): void {
    if (this.#response === undefined && this.#held?.open !== true) return
    this.#counters.floods++
    this.#response?.close()
    this.#held?.close()
  }

  /** Answers in place of the front-end, for which the client is gone. */
  #refuse(reply: Reply): void {
    const aborted = this.#aborted
    this.#aborted = undefined
    this.#close = true
    this.reply(reply)
    this.#guardedly(() => aborted?.())
  }

  /** A client that is still sending when the connection closes may never see the answer (RFC 9112 section 9.6). */
  #linger(reply: Reply): void {
    const { clock, settings } = this.#net
    this.#counters.lingered++
    this.#lingering = new Lingering(clock, settings, wasInTime => {
      if (!wasInTime) this.#counters.lingeredInVain++
      if (this.#isPutOff) clock.endOfTurn(() => this.#send(reply))
      else this.#send(reply)
    })
  }

  #failed(): void {
    this.#counters.failures++
    this.#close = true
    this.reply({ status: 500 })
    this.#held?.close()
    this.#socket?.close(1011)
  }

  #send(reply: Reply): void {
    const response = this.#answer()
    if (response === undefined) return
    if (this.#corked) writeReply(response, this.method, reply, this.#close)
    else response.cork(() => writeReply(response, this.method, reply, this.#close))
  }

  #answer(): Response | undefined {
    this.#head = noHead
    return this.#end()
  }

  /** Whoever waits for something may still read the headers of a client that left. */
  #end(): Response | undefined {
    const response = this.#response
    this.#response = undefined
    this.#upgrade = undefined
    this.#aborted = undefined
    this.#body = undefined
    this.#done = undefined
    this.#lingering?.cancel()
    this.#net.intake.release(this)
    return response
  }

  #lost(): void {
    const aborted = this.#aborted
    if (this.#end() === undefined) return
    this.#counters.aborted++
    this.#guardedly(() => aborted?.())
  }

  #guardedly(run: () => void): void {
    guard(this.#net.clock, () => {}, run)
  }
}
