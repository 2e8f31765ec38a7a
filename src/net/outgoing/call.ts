// One request to an origin, from its turn to the last byte of the answer: phases, back-pressure, abort. It is what the
// library calls back, and hands on to whoever asked exactly one end.
import type { Readable } from 'node:stream'
import { Fault } from '../../std/fault.ts'
import type { Connection, Served } from './connection.ts'
import { type CallFailure, type CallPhase, failureCode, failureText, isBlocked } from './failures.ts'
import { BodyStream, type OutgoingBody } from './outgoing-body.ts'
import { parseResponseHead, requestHeaders } from './raw-headers.ts'
import type { OriginTarget } from './target.ts'
import type { Turnstile } from './turnstile.ts'

export interface CallRequest {
  readonly target: OriginTarget
  readonly method: string
  /** As it is sent, in Latin-1; begins with a slash. */
  readonly path: string
  /**
   * Name, value, and so on, in Latin-1: order, case and repetition are kept, the one `Host` aside, which leads. Lengths are left
   * out, `body` says them. `Connection`, `Expect`, `Keep-Alive`, `Transfer-Encoding` and `Upgrade` must not be there.
   */
  readonly rawHeaders: readonly string[]
  readonly body?: Uint8Array | OutgoingBody | undefined
}

export interface CallHandlers {
  /** The final head; 1xx are swallowed. A reason that is not ASCII comes as the bytes of its UTF-8. */
  onHead(status: number, reason: string, rawHeaders: readonly string[]): void
  /** False pauses until `resume`. The piece is the callee's. */
  onBody(piece: Buffer): boolean
  /** The answer is complete, as its framing says. */
  onEnd(): void
  onFailure(failure: CallFailure): void
}

/** Neither `onEnd` nor `onFailure` comes before the call was returned, nor anything after `abort`. */
export interface Call {
  /** Closes the connection at once. Harmless behind an end. */
  abort(): void
  /** One piece that is under way may still come, and where nothing else does, the end. */
  pause(): void
  resume(): void
}

export class OutgoingCall implements Call, Served {
  readonly method: string
  readonly path: string
  readonly headers: readonly string[]
  readonly #handlers: CallHandlers
  readonly #turnstile: Turnstile
  readonly #stream: BodyStream | undefined
  readonly #bytes: Uint8Array | null
  /** Takes it back while it waits for a connection. */
  readonly #forget: (call: OutgoingCall) => void
  #connection: Connection | undefined
  #phase: CallPhase = 'connecting'
  #hasAnswer = false
  #wasReused = false
  #isPaused = false
  /** The library was told to pause, or is about to. */
  #isStopped = false
  /** Nothing is left that a pause could hold back. */
  #isAtEnd = false
  #abortRequest: () => void = () => {}
  #readOn: () => void = () => {}
  #isAborted = false
  isOver = false

  constructor(
    { method, path, rawHeaders, body }: CallRequest,
    handlers: CallHandlers,
    turnstile: Turnstile,
    forget: (call: OutgoingCall) => void,
  ) {
    this.method = method
    this.path = path
    this.headers = requestHeaders(rawHeaders, body instanceof Uint8Array ? undefined : body?.length)
    this.#handlers = handlers
    this.#turnstile = turnstile
    this.#forget = forget
    this.#bytes = body instanceof Uint8Array ? body : null
    this.#stream =
      body === undefined || body instanceof Uint8Array
        ? undefined
        : new BodyStream(body, run => this.#inside(run))
  }

  get body(): Uint8Array | Readable | null {
    return this.#stream?.readable ?? this.#bytes
  }

  get hasBegun(): boolean {
    return this.#phase !== 'connecting'
  }

  runOn(connection: Connection): void {
    this.#connection = connection
    connection.run(this)
  }

  abort(): void {
    this.#isAborted = true
    if (this.isOver) return
    this.#close(true)
    if (this.hasBegun) return this.#abortRequest()
    if (this.#connection === undefined) this.#forget(this)
    else this.#connection.destroy()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    if (this.#isStopped) this.#turnstile.outside(() => this.#flow())
  }

  fail(error: Error): void {
    if (this.isOver) return
    const code = failureCode(error)
    // Nothing of it would be better at another target.
    const phase = code === 'request-invalid' && this.#phase === 'connecting' ? 'sending' : this.#phase
    const message = failureText(error)
    const wasReused = this.#wasReused && !this.#hasAnswer
    this.#close(false)
    const failure = { phase, code, message, wasReused, isBlocked: isBlocked(code) }
    this.#turnstile.later(() => {
      if (!this.#isAborted) this.#handlers.onFailure(failure)
    })
  }

  /** The library asserts that its parser is not paused when a connection ends: in an event, where that ends the thread. */
  atEnd(wasReset: boolean): void {
    this.#isAtEnd = true
    if (this.#isStopped) {
      this.#isStopped = false
      this.#readOn()
    }
    if (wasReset) this.fail(new Fault('origin-reset', 'the connection was reset'))
  }

  onConnect(abort: () => void): void {
    this.#abortRequest = abort
    this.#phase = 'sending'
    this.#wasReused = this.#connection?.begin() === true
  }

  onRequestSent(): void {
    if (this.#phase === 'sending') this.#phase = 'waiting'
  }

  onResponseStarted(): void {
    this.#hasAnswer = true
  }

  onHeaders(status: number, raw: readonly Buffer[], resume: () => void, reason: string): boolean {
    if (this.isOver || status < 200) return true
    const head = parseResponseHead(raw, reason)
    if (head === 'framing-unknown') {
      this.#tear(new Fault('response-invalid', 'a transfer coding that is not known'))
      return false
    }
    this.#phase = 'receiving'
    this.#readOn = resume
    this.#inside(() => this.#handlers.onHead(status, head.reason, head.rawHeaders))
    // Complete here, before the library misses the bytes that such a length speaks of.
    if (this.method !== 'HEAD' && status !== 204 && status !== 304) return this.#mayFlow()
    this.onComplete()
    return true
  }

  onData(piece: Buffer): boolean {
    if (this.isOver) return this.#isAtEnd
    // The parser gives an empty piece where it goes on and has nothing yet.
    if (piece.length === 0) return this.#mayFlow()
    this.#inside(() => {
      if (!this.#handlers.onBody(piece)) this.#isPaused = true
    })
    return this.#mayFlow()
  }

  onComplete(): void {
    if (this.isOver) return
    this.#close(false)
    this.#inside(() => this.#handlers.onEnd())
  }

  onError(error: Error): void {
    this.fail(error)
  }

  #mayFlow(): boolean {
    this.#isStopped = this.#isPaused && !this.#isAtEnd
    return !this.#isStopped
  }

  #flow(): void {
    if (this.isOver || this.#isPaused || !this.#isStopped) return
    this.#isStopped = false
    this.#readOn()
  }

  /** Fails it, and closes its connection. */
  #tear(error: Error): void {
    this.fail(error)
    this.#abortRequest()
  }

  #inside(run: () => void): void {
    this.#turnstile.inside(run, () => this.abort())
  }

  #close(isAborted: boolean): void {
    this.isOver = true
    this.#stream?.close(isAborted)
  }
}
