// One request of a client and its one answer, with what the client's origin must be told on each.
import type { Exchange } from '../../net/exchange.ts'
import type { Reply } from '../../net/reply.ts'
import type { Headers } from './origins.ts'
import { jsonReply, type Reason, refusalReply } from './refusals.ts'

export class Call {
  readonly exchange: Exchange
  readonly segments: readonly string[]
  /** For every answer, streams included. */
  readonly headers: Headers
  readonly #refused: (reason: Reason, status: number) => void

  /** `refused` hears of each refusal before it is sent. */
  constructor(
    exchange: Exchange,
    segments: readonly string[],
    headers: Headers,
    refused: (reason: Reason, status: number) => void,
  ) {
    this.exchange = exchange
    this.segments = segments
    this.headers = headers
    this.#refused = refused
  }

  /** Where the path names one: its second segment. */
  get channel(): string {
    return this.segments[1] ?? ''
  }

  reply(reply: Reply): void {
    this.exchange.reply({ ...reply, headers: { ...reply.headers, ...this.headers } })
  }

  /** Never kept by anybody on the way: it carries a secret. */
  secret(body: object): void {
    this.reply(jsonReply(200, body, { 'cache-control': 'no-store' }))
  }

  refuse(reason: Reason, detail?: string): undefined {
    const reply = refusalReply(reason, detail)
    this.#refused(reason, reply.status)
    this.reply(reply)
  }
}
