// Lines about refused requests: enough to explain a refusal to whoever asks, never so many that a flood of bad
// requests floods the log.
import type { Clock } from '../std/clock.ts'
import { Allowance, channelField } from './allowance.ts'
import type { Log } from './log.ts'

export interface RefusedRequest {
  readonly protocol: string
  /** The exchange, where those have ids: it is made only if a line is written. */
  readonly request?: { readonly id: string }
  /** HTTP status of the answer, or the protocol's own. */
  readonly status: number
  /** Where it is known to be a channel's name. Cut after 64 characters. */
  readonly channel?: string | undefined
}

/** One per room and worker. */
export class RefusalLog {
  readonly #log: Log
  readonly #allowance: Allowance

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#allowance = new Allowance(clock)
  }

  /** `code` is one of the front-end's own reasons. Pass nothing that a client made up but the channel's name. */
  refused(code: string, { protocol, request, status, channel }: RefusedRequest): void {
    this.#allowance.spend(
      code,
      left => {
        const place = channel === undefined ? {} : { channel: channelField(channel) }
        this.#log.info({ code, protocol, request: request?.id, status, ...place, ...left }, 'refused')
      },
      left => this.#log.info({ code, protocol, ...left }, 'refused'),
    )
  }
}
