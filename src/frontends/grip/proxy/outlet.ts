// What one client gets: its answer, begun once, whole or in pieces. Headers that every answer of a rule has are added here.
import type { GateExchange, GateResponse } from '../../../net/gate/gate-exchange.ts'
import type { Head, Receiver } from './answer.ts'
import type { Failure } from './failures.ts'
import { valuesOf } from './raw-headers.ts'
import { passedHeaders } from './response-headers.ts'

export class Outlet {
  readonly #exchange: GateExchange
  readonly #decorate: (rawHeaders: readonly string[]) => readonly string[]
  #response: GateResponse | undefined

  constructor(exchange: GateExchange, decorate: (rawHeaders: readonly string[]) => readonly string[]) {
    this.#exchange = exchange
    this.#decorate = decorate
  }

  /** The client has seen the head of an answer, or is about to. */
  get hasBegun(): boolean {
    return this.#response !== undefined
  }

  /** A whole answer. */
  reply({ status, reason, rawHeaders }: Head, body: Uint8Array): void {
    this.#exchange.reply(status, reason, this.#decorate(rawHeaders), body)
  }

  /** In words of ours. */
  refuse({ status, reason, body }: Failure): void {
    this.reply({ status, reason, rawHeaders: ['Content-Type', 'text/plain'] }, Buffer.from(body))
  }

  /** An answer that goes on. */
  open({ status, reason, rawHeaders }: Head): GateResponse {
    this.#response = this.#exchange.respond(status, reason, this.#decorate(rawHeaders), { kind: 'chunked' })
    return this.#response
  }

  /** A plain answer of an origin, at the speed of its client. */
  relay(head: Head, told: { drained(): void; ended(): void }): Receiver {
    const response = this.#pass(head)
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

  /** With the length that it said. */
  #pass({ status, reason, rawHeaders }: Head): GateResponse {
    const [length] = valuesOf(rawHeaders, 'content-length')
    const framing =
      length !== undefined && /^\d{1,15}$/.test(length)
        ? ({ kind: 'length', bytes: Number(length) } as const)
        : ({ kind: 'chunked' } as const)
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
