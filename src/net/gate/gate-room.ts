// What all connections of a gate share.
import type { Socket } from 'node:net'
import type { Cadence } from '../../std/cadence.ts'
import type { Clock } from '../../std/clock.ts'
import type { GateCounters } from './counters.ts'
import type { GateExchange } from './gate-exchange.ts'
import type { GateLimits } from './limits.ts'
import type { RequestFault } from './request-head.ts'

export interface GateRoom {
  readonly clock: Clock
  readonly limits: GateLimits
  readonly counters: GateCounters
  readonly idle: Cadence<Ticking>
  readonly isRetiring: boolean
  handle(exchange: GateExchange): void
  /** The whole response to a request that cannot be read; the connection closes behind it. */
  refusal(fault: RequestFault): Buffer
  /** It is not HTTP any more. It counts as open until it closes, and `close` cuts it. */
  handedOver(socket: Socket): void
}

/** Whoever looks once a period whether it waits in vain. */
export interface Ticking {
  tick(): void
}
