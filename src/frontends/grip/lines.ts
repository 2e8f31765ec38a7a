// What GRIP says in the log of requests that came to nothing: never so much that a flood of them floods it, and nothing of
// their URLs, which may hold what is secret. Everything is counted elsewhere.
import type { Clock } from '../../std/clock.ts'
import { Allowance, channelField } from '../../telemetry/allowance.ts'
import type { Log } from '../../telemetry/log.ts'
import { RefusalLog } from '../../telemetry/refusals.ts'
import { type ConnectionFacts, routeName } from './control/connection.ts'
import type { Rule } from './routes/rule.ts'

const protocol = 'grip'

/** Long enough for the texts of contract §5.10 with a channel in them, and for a few targets. */
const causeLengthMax = 200

export class Lines {
  readonly #log: Log<string>
  readonly #refusals: RefusalLog
  readonly #allowance: Allowance

  constructor(log: Log<string>, clock: Clock) {
    this.#log = log
    this.#refusals = new RefusalLog(log, clock)
    this.#allowance = new Allowance(clock)
  }

  /** A client, or a publisher, got another answer than it asked for. */
  refused(code: string, status: number): void {
    this.#refusals.refused(code, { protocol, status })
  }

  /** An origin could not be used. `cause`: as who debugs the route is told. */
  originFailed(cause: string, rule: Pick<Rule, 'id' | 'line'>): void {
    const text = cause.slice(0, causeLengthMax).toWellFormed()
    const fields = { protocol, route: routeName(rule), cause: text }
    this.#allowance.spend(
      'origin-failed',
      left => this.#log.warn({ code: 'origin-failed', ...fields, ...left }, 'origin failed'),
      left => this.#log.warn({ code: 'origin-failed', protocol, ...left }, 'origin failed'),
    )
  }

  /** An item was not delivered. `reason`: as who debugs the route is told. */
  filterFailed(reason: string, { id, line }: Pick<Rule, 'id' | 'line'>): void {
    const text = reason.slice(0, causeLengthMax).toWellFormed()
    const fields = { protocol, route: id ?? `line ${line}`, cause: text }
    this.#allowance.spend(
      'filter-failed',
      left => this.#log.warn({ code: 'filter-failed', ...fields, ...left }, 'filter failed'),
      left => this.#log.warn({ code: 'filter-failed', protocol, ...left }, 'filter failed'),
    )
  }

  /** A client that is behind was let go of, before it is: the first of many are told by all that is known of them. */
  cut(why: 'slow' | 'rate', facts: ConnectionFacts, id: string): void {
    const slow = 'a slow client was cut'
    const waiting = 'a client was cut whose deliveries waited'
    if (why === 'slow')
      this.#allowance.spend(
        'client-slow',
        left => this.#log.warn({ code: 'client-slow', ...cutFields(facts, id), ...left }, slow),
        left => this.#log.warn({ code: 'client-slow', protocol, ...left }, slow),
      )
    else
      this.#allowance.spend(
        'deliveries-waiting',
        left => this.#log.warn({ code: 'deliveries-waiting', ...cutFields(facts, id), ...left }, waiting),
        left => this.#log.warn({ code: 'deliveries-waiting', protocol, ...left }, waiting),
      )
  }
}

function cutFields({ kind, peer, rule, channels }: ConnectionFacts, id: string): Record<string, unknown> {
  const [channel = ''] = channels
  const where = { route: routeName(rule), channel: channelField(channel), channels: channels.length }
  return { protocol, id, kind, peer, ...where }
}
