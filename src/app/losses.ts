// Lines about what subscribers did not get: closed as slow, or publications left out. The engine counts each; here the
// first of a flood are explained, with the bound that was met.
import { groupOf, namedAs } from '../engine/words/private.ts'
import type { Loss } from '../engine/words/refusal.ts'
import type { Clock } from '../std/clock.ts'
import { Allowance, channelField } from '../telemetry/allowance.ts'
import type { Log } from '../telemetry/log.ts'

/** One per worker. */
export class LossLog {
  readonly #log: Log
  readonly #allowance: Allowance

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#allowance = new Allowance(clock)
  }

  lost(loss: Loss): void {
    const { kind, channel, ...more } = loss
    const code = kind === 'closed' ? `subscriber-${loss.reason}` : 'publications-skipped'
    const text = kind === 'closed' ? 'a subscriber was closed' : 'a slow subscriber was left behind'
    this.#allowance.spend(
      code,
      left => this.#log.info({ code, ...placeOf(channel), ...more, ...left }, text),
      left => this.#log.info({ code, ...left }, text),
    )
  }
}

/** A private channel has its client in its name, who is nobody's business: its group says enough. */
function placeOf(channel: string): { readonly channel: string } | { readonly group: string } {
  const group = groupOf(channel)
  return group === undefined ? { channel: channelField(namedAs(channel)) } : { group }
}
