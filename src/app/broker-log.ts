// Lines about what must not happen in a cluster, or should not: each is healed, and counted. The first of a flood are written.
import type { ClusterNotice } from '../cluster/broker.ts'
import { groupOf, namedAs } from '../engine/words/private.ts'
import type { Clock } from '../std/clock.ts'
import { Allowance, channelField } from '../telemetry/allowance.ts'
import type { Log } from '../telemetry/log.ts'

type Fields = Readonly<Record<string, unknown>>
type Told = Exclude<ClusterNotice, 'broker-away' | 'broker-back'>

/** One per worker. */
export class BrokerLog {
  readonly #writes: Readonly<Record<Told, (fields: Fields) => void>>
  readonly #allowance: Allowance

  constructor(log: Log<string>, clock: Clock) {
    this.#allowance = new Allowance(clock)
    this.#writes = {
      'broker-set-back': fields =>
        log.error(
          { code: 'broker-set-back', ...fields },
          'the broker has less of a channel than it gave out',
        ),
      'broker-differs': fields =>
        log.error({ code: 'broker-differs', ...fields }, 'a channel was not where the broker has it'),
      'envelope-unreadable': fields =>
        log.warn({ code: 'envelope-unreadable', ...fields }, 'a publication of another node cannot be read'),
    }
  }

  write(notice: Told, { channel, ...more }: Readonly<Record<string, string | number>>): void {
    const fields = { ...placeOf(String(channel)), ...more }
    this.#allowance.spend(
      notice,
      left => this.#writes[notice]({ ...fields, ...left }),
      left => this.#writes[notice]({ ...left }),
    )
  }
}

/** A private channel has its client in its name, who is nobody's business: its group says enough. */
function placeOf(channel: string): Fields {
  const group = groupOf(channel)
  return group === undefined ? { channel: channelField(namedAs(channel)) } : { group }
}
