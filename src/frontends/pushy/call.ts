// One request of a client and its one answer, with what the client's origin must be told on each.
import type { ChannelName } from '../../engine/words/publication.ts'
import type { Exchange } from '../../net/exchange.ts'
import type { Reply } from '../../net/reply.ts'
import { isIntact } from '../../std/escaped-text.ts'
import { comingBack } from '../session/coming-back.ts'
import type { Refusals } from '../session/refusals.ts'
import type { Headers } from './origins.ts'
import { channelOf } from './publication.ts'
import { jsonReply, type Reason, refusalReply } from './refusals.ts'

export class Call {
  readonly exchange: Exchange
  readonly segments: readonly string[]
  /** For every answer, streams included. */
  readonly headers: Headers
  readonly #refusals: Refusals<Reason>

  constructor(exchange: Exchange, segments: readonly string[], headers: Headers, refusals: Refusals<Reason>) {
    this.exchange = exchange
    this.segments = segments
    this.headers = headers
    this.#refusals = refusals
  }

  /** Where the path names one: its second segment, whatever that is. */
  get channel(): string {
    return this.segments[1] ?? ''
  }

  /** The same as a name; undefined where it is none, too long, or not what the client sent. */
  channelName(bytesMax: number): ChannelName | undefined {
    return isIntact(this.exchange.path) ? channelOf(this.channel, bytesMax) : undefined
  }

  reply(reply: Reply): void {
    this.exchange.reply({ ...reply, headers: { ...reply.headers, ...this.headers } })
  }

  /** Never kept by anybody on the way: it carries a secret. */
  secret(body: object): void {
    this.reply(jsonReply(200, body, { 'cache-control': 'no-store' }))
  }

  refuse(reason: Reason, detail?: string, { returnMs }: { readonly returnMs?: number } = {}): undefined {
    const reply = comingBack(refusalReply(reason, detail), returnMs)
    this.#refusals.count(this.exchange, reason, reply.status)
    this.reply(reply)
  }
}
