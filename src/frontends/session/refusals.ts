// What becomes of a request that is refused: its answer by the front-end's own table, a count by reason, and a line in
// the log where it is not one of a flood.
import type { Exchange } from '../../net/exchange.ts'
import type { Reply } from '../../net/reply.ts'
import type { RefusalLog } from '../../telemetry/refusals.ts'
import { comingBack } from './coming-back.ts'

/** A front-end's answers. */
export interface RefusalTable<Reason extends string> {
  /** The front-end, as in logs. */
  readonly protocol: string
  /** All that there are. */
  readonly reasons: readonly Reason[]
  /** `detail` may follow the text of one that has a text. */
  answer(reason: Reason, detail?: string): Reply
}

export interface RefusalDetails {
  readonly detail?: string
  /** For the log. */
  readonly channel?: string | undefined
  /** In front of those of the table. */
  readonly headers?: Readonly<Record<string, string>>
  /** When its client is to come back, where the node stops. */
  readonly returnMs?: number | undefined
}

export class Refusals<Reason extends string> {
  readonly #table: RefusalTable<Reason>
  readonly #log: RefusalLog
  readonly #counts: Map<Reason, number>

  constructor(table: RefusalTable<Reason>, log: RefusalLog) {
    this.#table = table
    this.#log = log
    this.#counts = new Map(table.reasons.map(reason => [reason, 0]))
  }

  /** By the prefix and the reason. */
  counters(prefix = 'refused.'): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].map(([reason, count]) => [`${prefix}${reason}`, count]))
  }

  refuse(exchange: Exchange, reason: Reason, details: RefusalDetails = {}): void {
    const { detail, channel, headers, returnMs } = details
    const reply = comingBack(this.#table.answer(reason, detail), returnMs)
    this.count(exchange, reason, reply.status, channel)
    exchange.reply(headers === undefined ? reply : { ...reply, headers: { ...headers, ...reply.headers } })
  }

  /** A refusal that is answered elsewhere. `request` is named in the log. */
  count(request: { readonly id: string }, reason: Reason, status: number, channel?: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
    this.#log.refused(reason, { protocol: this.#table.protocol, request, status, channel })
  }
}
