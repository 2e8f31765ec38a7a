// What one client gets: its answer, begun once, whole or in pieces. Headers that every answer of a rule has are added here, and
// what a script asked for is wrapped.
import type { GateExchange, GateResponse } from '../../../net/gate/gate-exchange.ts'
import { answerWith, type Wrapping, wrapped, wrappedHold, wrappedPieces } from '../browser/jsonp-answer.ts'
import { deaf, type Head, type Receiver } from './answer.ts'
import { type Failure, retryHeaders } from './failures.ts'
import { valuesOf } from './raw-headers.ts'
import { passedHeaders } from './response-headers.ts'

export class Outlet {
  readonly #exchange: GateExchange
  readonly #decorate: (rawHeaders: readonly string[]) => readonly string[]
  readonly #wrapping: Wrapping | undefined
  #response: GateResponse | undefined

  constructor(
    exchange: GateExchange,
    decorate: (rawHeaders: readonly string[]) => readonly string[],
    wrapping: Wrapping | undefined,
  ) {
    this.#exchange = exchange
    this.#decorate = decorate
    this.#wrapping = wrapping
  }

  /** The client has seen the head of an answer, or is about to. */
  get hasBegun(): boolean {
    return this.#response !== undefined
  }

  /** A whole answer. */
  reply(head: Head, body: Uint8Array): void {
    if (this.#wrapping !== undefined) {
      return answerWith(this.#exchange, wrapped(this.#wrapping, { ...head, body }))
    }
    const { status, reason, rawHeaders } = head
    this.#exchange.reply(status, reason, this.#decorate(rawHeaders), body)
  }

  /** What a long poll waited for. */
  release(head: Head, body: Uint8Array): void {
    if (this.#wrapping === undefined) this.reply(head, body)
    else answerWith(this.#exchange, wrappedHold(this.#wrapping, { ...head, body }))
  }

  /** In words of ours. */
  refuse(failure: Failure): void {
    const { status, reason, body } = failure
    const text = Buffer.from(body)
    // A wrapped answer tells all headers; on the wire the length is said but once.
    const own = ['Content-Type', 'text/plain', 'Content-Length', String(text.length)]
    const rawHeaders = [...own, ...retryHeaders(failure)]
    this.reply({ status, reason, rawHeaders }, text)
  }

  /** An answer that goes on. The original wraps none of these: a script that never ends never runs. */
  open({ status, reason, rawHeaders }: Head): GateResponse {
    this.#response = this.#exchange.respond(status, reason, this.#decorate(rawHeaders), { kind: 'chunked' })
    return this.#response
  }

  /** A plain answer of an origin, at the speed of its client. */
  relay(head: Head, told: { drained(): void; ended(): void }): Receiver {
    const response = this.#pass(head)
    if (response === undefined) {
      told.ended()
      return deaf
    }
    return {
      piece(piece) {
        const isTaken = response.write(piece)
        if (!isTaken) response.onDrained(told.drained)
        return isTaken
      },
      end() {
        response.end()
        told.ended()
      },
    }
  }

  /** With the length that it said; undefined: it cannot be wrapped, and is answered. */
  #pass({ status, reason, rawHeaders }: Head): GateResponse | undefined {
    const [length] = valuesOf(rawHeaders, 'content-length')
    const bytes = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined
    if (this.#wrapping !== undefined) {
      const head = { status, reason, rawHeaders: passedHeaders(rawHeaders) }
      this.#response = wrappedPieces(this.#wrapping, this.#exchange, head, bytes)
      return this.#response
    }
    const framing =
      bytes === undefined ? ({ kind: 'chunked' } as const) : ({ kind: 'length', bytes } as const)
    this.#response = this.#exchange.respond(
      status,
      reason,
      this.#decorate(passedHeaders(rawHeaders)),
      framing,
    )
    return this.#response
  }

  /** The client takes more again. */
  onDrained(run: () => void): void {
    this.#response?.onDrained(run)
  }

  /** Nobody may take what has left for a whole answer. */
  cut(): void {
    if (this.#response === undefined) this.#exchange.abort()
    else this.#response.abort()
  }
}
