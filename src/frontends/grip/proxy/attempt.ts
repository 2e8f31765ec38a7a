// One request to the targets of a rule (contract §2.5): in the order of writing, and the next one only where no connection
// came about. On a connection that was kept, and that its origin closed before it said a word, an idempotent request is made once
// more (fault 33).
import type { Call, CallHandlers } from '../../../net/outgoing/call.ts'
import type { CallFailure } from '../../../net/outgoing/failures.ts'
import { type Target, targetName } from '../routes/target.ts'
import type { OriginRequest } from './origin-request.ts'
import { callTest, type TestRequest } from './test-target.ts'

/** What is known of an attempt that came to nothing. */
export interface Failure extends CallFailure {
  /** Names of all targets that were tried and did not connect. */
  readonly tried: readonly string[]
}

export interface AttemptHandlers extends Pick<CallHandlers, 'onBody' | 'onEnd'> {
  onHead(target: Target, status: number, reason: string, rawHeaders: readonly string[]): void
  onFailure(failure: Failure): void
}

export interface AttemptRequest {
  readonly targets: readonly Target[]
  readonly method: string
  /** Asked anew for each target. A body that was begun cannot be sent again: then `isWhole` is false. */
  request(target: Target): OriginRequest
  /** The body is at hand whole, or there is none. */
  isWhole(): boolean
  /** For the built-in target. */
  readonly test: TestRequest
}

/** RFC 9110 section 9.2.2. */
const idempotent = /^(?:GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/

export class Attempt {
  readonly #dispatch: (request: OriginRequest, handlers: CallHandlers) => Call
  readonly #asked: AttemptRequest
  readonly #handlers: AttemptHandlers
  readonly #tried: string[] = []
  #call: Call | undefined
  #next = 0
  #isAgain = false
  #isOver = false

  constructor(
    /** Over a connection, or as a message. */
    dispatch: (request: OriginRequest, handlers: CallHandlers) => Call,
    asked: AttemptRequest,
    handlers: AttemptHandlers,
  ) {
    this.#dispatch = dispatch
    this.#asked = asked
    this.#handlers = handlers
    this.#try()
  }

  /** Nothing is called any more. */
  abort(): void {
    this.#isOver = true
    this.#call?.abort()
  }

  resume(): void {
    this.#call?.resume()
  }

  #try(): void {
    const target = this.#asked.targets[this.#next]
    if (target === undefined) return
    const handlers: CallHandlers = {
      onHead: (status, reason, rawHeaders) => this.#handlers.onHead(target, status, reason, rawHeaders),
      onBody: piece => this.#handlers.onBody(piece),
      onEnd: () => this.#handlers.onEnd(),
      onFailure: failure => this.#failed(target, failure),
    }
    this.#call =
      target.place.kind === 'test'
        ? callTest(this.#asked.test, handlers)
        : this.#dispatch(this.#asked.request(target), handlers)
  }

  #failed(target: Target, failure: CallFailure): void {
    if (this.#isOver) return
    const { phase, wasReused } = failure
    if (phase === 'connecting') {
      this.#tried.push(targetName(target))
      this.#next++
      if (this.#next < this.#asked.targets.length) return this.#try()
    } else if (phase !== 'receiving' && wasReused && !this.#isAgain && this.#mayRepeat()) {
      this.#isAgain = true
      return this.#try()
    }
    this.#handlers.onFailure({ ...failure, tried: this.#tried })
  }

  #mayRepeat(): boolean {
    return idempotent.test(this.#asked.method) && this.#asked.isWhole()
  }
}
