// One request of the admin listener and its one answer: every answer carries the request's number and what a browser
// needs to read it.
import type { Exchange } from '../net/exchange.ts'
import { type Code, refusalReply, type ShapeFault } from './refusals.ts'

export type Headers = Readonly<Record<string, string>>

export class Call {
  readonly exchange: Exchange
  /** Headers of the answer, whichever it is. */
  readonly headers: Headers
  readonly #refused: (code: Code, status: number) => void

  /** `refused` hears of each refusal before it is sent. */
  constructor(exchange: Exchange, headers: Headers, refused: (code: Code, status: number) => void) {
    this.exchange = exchange
    this.headers = headers
    this.#refused = refused
  }

  /** `body` is JSON text. */
  json(body: string, status = 200): void {
    this.send(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }, body)
  }

  send(status: number, headers: Headers, body = ''): void {
    this.exchange.reply({ status, headers: { ...this.headers, ...headers }, body })
  }

  /** `faults` go with `json-shape`, `headers` with what needs more than its row says. */
  refuse(
    code: Code,
    detail?: string,
    more: { faults?: readonly ShapeFault[]; headers?: Headers } = {},
  ): void {
    const reply = refusalReply(code, detail, more.faults)
    this.#refused(code, reply.status)
    this.exchange.reply({ ...reply, headers: { ...this.headers, ...reply.headers, ...more.headers } })
  }
}
