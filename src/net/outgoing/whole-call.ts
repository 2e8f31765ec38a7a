// One call whose answer is wanted whole, from its turn to the last byte: deadline, bound, and at most one more attempt.
import type { Cancel, Clock } from '../../std/clock.ts'
import { GatheredBytes } from '../../std/gathered-bytes.ts'
import type { Call, CallHandlers, CallRequest } from './call.ts'
import type { CallFailure } from './failures.ts'

export interface WholeRequest extends CallRequest {
  readonly body?: Uint8Array | undefined
}

export interface WholeLimits {
  /** Over everything: the wait for a turn, the lookup, the connection, the answer. Up to a minute. */
  readonly timeoutMs: number
  readonly answerBytesMax: number
  /** Asked twice it does no harm: then it is, where a kept connection closed before the first byte of an answer. */
  readonly isRepeatable?: boolean
}

/**
 * `crowded`: too many others. `timeout`: not whole by the deadline, or not connected in time. `blocked`: its target must not be
 * called. `oversized`: the answer is. `failed`: all that goes wrong on the way.
 */
export const failureKinds = ['crowded', 'timeout', 'blocked', 'oversized', 'failed'] as const

export type FailureKind = (typeof failureKinds)[number]

export type WholeAnswer =
  | {
      readonly ok: true
      /** Whatever it is: a redirect, too, is an answer. */
      readonly status: number
      readonly rawHeaders: readonly string[]
      readonly body: Uint8Array
    }
  | {
      readonly ok: false
      readonly kind: FailureKind
      /** As of `CallFailure`, and `call-crowded`, `call-timeout`, `answer-too-large`. */
      readonly code: string
      /** For an operator; names the target and nothing of the request. */
      readonly message: string
    }

export interface WholeCallHost {
  dispatch(request: CallRequest, handlers: CallHandlers): Call
  /** Once. Undefined: it was cancelled. */
  over(answer: WholeAnswer | undefined): void
}

export class WholeCall {
  readonly #clock: Clock
  readonly #request: WholeRequest
  readonly #limits: WholeLimits
  readonly #host: WholeCallHost
  readonly #stopTimer: Cancel
  #call: Call | undefined
  #status = 0
  #rawHeaders: readonly string[] = []
  #body: GatheredBytes
  #isAgain = false
  #isOver = false
  /** It has been started. */
  hasPlace = false

  constructor(clock: Clock, request: WholeRequest, limits: WholeLimits, host: WholeCallHost) {
    this.#clock = clock
    this.#request = request
    this.#limits = limits
    this.#host = host
    this.#body = new GatheredBytes(limits.answerBytesMax)
    this.#stopTimer = clock.after(limits.timeoutMs, () => this.#expire())
  }

  start(): void {
    this.hasPlace = true
    this.#dispatch()
  }

  /** In place of a start. */
  turnAway(): void {
    queueMicrotask(() => this.#fail('crowded', 'call-crowded', 'too many calls wait already'))
  }

  cancel(): void {
    this.#end(undefined)
  }

  #dispatch(): void {
    this.#call = this.#host.dispatch(this.#request, {
      onHead: (status, _reason, rawHeaders) => this.#head(status, rawHeaders),
      onBody: piece => this.#piece(piece),
      onEnd: () => this.#complete(),
      onFailure: failure => this.#failed(failure),
    })
  }

  #head(status: number, rawHeaders: readonly string[]): void {
    this.#status = status
    this.#rawHeaders = rawHeaders
    // Told before it comes: no need to take any of it.
    const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && /^content-length$/i.test(name))
    if (at >= 0 && Number(rawHeaders[at + 1]) > this.#limits.answerBytesMax) this.#overflow()
  }

  #piece(piece: Uint8Array): boolean {
    if (this.#isOver) return true
    if (this.#body.length + piece.length > this.#limits.answerBytesMax) this.#overflow()
    else this.#body.add(piece)
    return true
  }

  /** Told at the end of the turn: by then the connection is free, and whoever asks again at once gets it. */
  #complete(): void {
    this.#call = undefined
    this.#stopTimer()
    const answer = {
      ok: true,
      status: this.#status,
      rawHeaders: this.#rawHeaders,
      body: this.#body.bytes,
    } as const
    this.#clock.endOfTurn(() => this.#end(answer))
  }

  #failed({ phase, code, message, wasReused, isBlocked }: CallFailure): void {
    if (this.#isOver) return
    this.#call = undefined
    if (wasReused && phase !== 'receiving' && this.#limits.isRepeatable === true && !this.#isAgain) {
      this.#isAgain = true
      return this.#dispatch()
    }
    const kind = kinds.get(code) ?? 'failed'
    this.#fail(isBlocked ? 'blocked' : kind, code, message)
  }

  #expire(): void {
    const { host, port } = this.#request.target
    const within = `within ${this.#limits.timeoutMs} ms`
    this.#fail('timeout', 'call-timeout', `${host}:${port} gave no whole answer ${within}`)
  }

  #overflow(): void {
    const { host, port } = this.#request.target
    const bound = `${this.#limits.answerBytesMax} bytes`
    this.#fail('oversized', 'answer-too-large', `the answer of ${host}:${port} is longer than ${bound}`)
  }

  #fail(kind: FailureKind, code: string, message: string): void {
    this.#end({ ok: false, kind, code, message })
  }

  #end(answer: WholeAnswer | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stopTimer()
    this.#call?.abort()
    this.#host.over(answer)
  }
}

const kinds: ReadonlyMap<string, FailureKind> = new Map([
  ['origin-busy', 'crowded'],
  ['connect-timeout', 'timeout'],
])
