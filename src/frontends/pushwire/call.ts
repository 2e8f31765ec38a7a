// One request over HTTP and its one answer, with what the page that asks must be told on each.
import type { Exchange } from '../../net/exchange.ts'
import type { Reply } from '../../net/reply.ts'
import type { Refusals } from '../session/refusals.ts'
import type { Headers } from './origins.ts'
import { type Reason, refusalReply } from './refusals.ts'

export class Call {
  readonly exchange: Exchange
  /** For every answer, streams included. */
  readonly headers: Headers
  readonly #refusals: Refusals<Reason>

  constructor(exchange: Exchange, headers: Headers, refusals: Refusals<Reason>) {
    this.exchange = exchange
    this.headers = headers
    this.#refusals = refusals
  }

  reply(reply: Reply): void {
    this.exchange.reply({ ...reply, headers: { ...reply.headers, ...this.headers } })
  }

  refuse(reason: Reason, detail?: string): void {
    const reply = refusalReply(reason, detail)
    this.#refusals.count(this.exchange, reason, reply.status)
    this.reply(reply)
  }
}
