// One request of the admin listener and its one answer: every answer carries the request's number and what a browser
// needs to read it.
import { comingBack } from '../frontends/session/coming-back.ts'
import type { Refusals } from '../frontends/session/refusals.ts'
import type { Exchange } from '../net/exchange.ts'
import { type Code, refusalReply, type ShapeFault } from './refusals.ts'

export type Headers = Readonly<Record<string, string>>

export class Call {
  readonly exchange: Exchange
  /** Headers of the answer, whichever it is. */
  readonly headers: Headers
  readonly #refusals: Refusals<Code>

  constructor(exchange: Exchange, headers: Headers, refusals: Refusals<Code>) {
    this.exchange = exchange
    this.headers = headers
    this.#refusals = refusals
  }

  /** `body` is JSON text. */
  json(body: string, status = 200): void {
    this.send(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }, body)
  }

  send(status: number, headers: Headers, body = ''): void {
    this.exchange.reply({ status, headers: { ...this.headers, ...headers }, body })
  }

  refuseTooLarge(bytesMax: number): void {
    this.refuse('body-too-large', `The body has more than ${bytesMax} bytes (RINGCAST_ADMIN_BODY_BYTES_MAX).`)
  }

  /**
   * `faults` go with `json-shape`, `headers` with what needs more than its row says, `returnMs` with what is refused because
   * the node stops.
   */
  refuse(
    code: Code,
    detail?: string,
    more: { faults?: readonly ShapeFault[]; headers?: Headers; returnMs?: number } = {},
  ): void {
    const reply = comingBack(refusalReply(code, detail, more.faults), more.returnMs)
    const request = { id: this.headers['x-request-id'] ?? this.exchange.id }
    this.#refusals.count(request, code, reply.status)
    this.exchange.reply({ ...reply, headers: { ...this.headers, ...reply.headers, ...more.headers } })
  }
}
