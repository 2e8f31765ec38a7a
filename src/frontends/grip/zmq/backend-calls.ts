// Calls of this worker to backends of zhttpreq targets, as calls to origins are: the body is collected, a message leaves, and its
// answer is one piece.
import type { Call, CallHandlers } from '../../../net/outgoing/call.ts'
import type { OutgoingBody } from '../../../net/outgoing/outgoing-body.ts'
import type { Clock } from '../../../std/clock.ts'
import { GatheredBytes } from '../../../std/gathered-bytes.ts'
import type { StoredBytes } from '../hold/stored-bytes.ts'
import type { BackendAnswer, BackendFailure, BackendRequest, ToThread } from './wire.ts'

export interface BackendCall extends Omit<BackendRequest, 'body'> {
  readonly body?: Uint8Array | OutgoingBody | undefined
}

interface UnderWay {
  readonly handlers: CallHandlers
  /** Its body cannot be given out again. */
  isBegun: boolean
  /** Of its body. */
  bytes: number
}

/** Of the thread: it is there, it may come, or nobody tries to have it. */
export type ThreadState = 'joined' | 'awaited' | 'refused'

export interface BackendCallsDependencies {
  readonly clock: Clock
  /** Under way at once. */
  readonly callsMax: number
  /** Bodies are kept until there is an answer. */
  readonly stored: Pick<StoredBytes, 'take' | 'giveBack'>
  tell(message: ToThread): void
}

/** Of a request: as much as an answer may have. */
export const requestBytesMax = 1_000_000

/** A thread that was just wanted is there within one second; as long as a connection to an origin may take. */
const threadMs = 10_000

const full = {
  phase: 'connecting',
  code: 'backends-full',
  message: 'too many requests wait for backends',
} as const
const tooLarge = {
  phase: 'waiting',
  code: 'request-too-large',
  message: `the body has more than ${requestBytesMax} bytes`,
} as const
const missing = { phase: 'connecting', code: 'zmq-missing', message: 'ZeroMQ is not served' } as const

export class BackendCalls {
  readonly #dependencies: BackendCallsDependencies
  readonly #calls = new Map<number, UnderWay>()
  /** In their order: they leave when there is a thread. */
  readonly #early = new Map<number, () => void>()
  #count = 0

  constructor(dependencies: BackendCallsDependencies) {
    this.#dependencies = dependencies
  }

  /** Neither end comes before this has returned. */
  call(asked: BackendCall, handlers: CallHandlers, thread: ThreadState): Call {
    const number = ++this.#count
    const isFull = this.#calls.size >= this.#dependencies.callsMax
    const underWay: UnderWay = { handlers, isBegun: false, bytes: 0 }
    this.#calls.set(number, underWay)
    if (isFull) queueMicrotask(() => this.failed(number, full))
    else if (thread === 'refused') queueMicrotask(() => this.failed(number, missing))
    else if (thread === 'joined') this.#collect(number, underWay, asked)
    else this.#wait(number, () => this.#collect(number, underWay, asked))
    return {
      abort: () => {
        const isEarly = this.#early.delete(number)
        if (this.#take(number) !== undefined && !isEarly) this.#dependencies.tell(['abort', number])
      },
      pause() {},
      resume() {},
    }
  }

  /** There is a thread. */
  begin(): void {
    const early = [...this.#early.values()]
    this.#early.clear()
    for (const collect of early) collect()
  }

  /** There will be none: the next target is asked at once. */
  refused(): void {
    const early = [...this.#early.keys()]
    this.#early.clear()
    for (const number of early) this.failed(number, missing)
  }

  answered(number: number, { status, reason, rawHeaders, body }: BackendAnswer): void {
    const handlers = this.#calls.get(number)?.handlers
    if (handlers === undefined) return
    const framed = rawHeaders.flatMap((name, at) =>
      at % 2 === 1 || /^(?:content-length|transfer-encoding|connection)$/i.test(name)
        ? []
        : [name, rawHeaders[at + 1] ?? ''],
    )
    handlers.onHead(status, reason, [...framed, 'Content-Length', String(body.length)])
    // Whoever aborts in the call before takes it out.
    if (body.length > 0 && this.#calls.has(number)) handlers.onBody(Buffer.from(body))
    if (this.#take(number) !== undefined) handlers.onEnd()
  }

  failed(number: number, { phase, code, message }: BackendFailure): void {
    const call = this.#take(number)
    if (call === undefined) return
    const failure = { phase: call.isBegun ? ('waiting' as const) : phase, code, message }
    call.handlers.onFailure({ ...failure, wasReused: false, isBlocked: false })
  }

  /** The thread is gone, and nobody knows what became of them. */
  lost(): void {
    const failure = { phase: 'waiting', code: 'zmq-lost', message: 'the thread of ZeroMQ ended' } as const
    for (const number of [...this.#calls.keys()]) if (!this.#early.has(number)) this.failed(number, failure)
  }

  #wait(number: number, collect: () => void): void {
    this.#early.set(number, collect)
    this.#dependencies.clock.after(threadMs, () => {
      if (this.#early.delete(number)) this.failed(number, missing)
    })
  }

  #take(number: number): UnderWay | undefined {
    const call = this.#calls.get(number)
    this.#calls.delete(number)
    if (call !== undefined) this.#dependencies.stored.giveBack(call.bytes)
    return call
  }

  /** So many more bytes of its body. False: there is no room. */
  #keep(underWay: UnderWay, bytes: number): boolean {
    if (!this.#dependencies.stored.take(bytes)) return false
    underWay.bytes += bytes
    return true
  }

  #collect(number: number, underWay: UnderWay, { body, ...asked }: BackendCall): void {
    const send = (bytes: Uint8Array) =>
      this.#dependencies.tell(['request', number, { ...asked, body: bytes }])
    const refuse = (failure: BackendFailure) => queueMicrotask(() => this.failed(number, failure))
    if (body === undefined || body instanceof Uint8Array) {
      const bytes = body ?? new Uint8Array(0)
      return this.#keep(underWay, bytes.length) ? send(bytes) : refuse(full)
    }
    if ((body.length ?? 0) > requestBytesMax) {
      body.stop()
      return refuse(tooLarge)
    }
    const gathered = new GatheredBytes(body.length ?? requestBytesMax)
    let isRefused = false
    underWay.isBegun = true
    body.start(
      piece => {
        if (!this.#calls.has(number) || isRefused) return true
        const isTooLarge = gathered.length + piece.length > requestBytesMax
        isRefused = isTooLarge || !this.#keep(underWay, piece.length)
        if (isRefused) {
          body.stop()
          refuse(isTooLarge ? tooLarge : full)
        } else gathered.add(piece)
        return true
      },
      () => {
        if (this.#calls.has(number) && !isRefused) send(gathered.bytes)
      },
    )
  }
}
