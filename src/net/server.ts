// A worker's child App: gets accepted connections from acceptors of the primary and gives each request, as an
// Exchange, to one handler. Never listens itself.
import type { Clock } from '../std/clock.ts'
import { createNetCounters, Exchange, type NetCounters } from './exchange.ts'
import { answerUnavailable } from './unavailable.ts'
import type { Uws } from './uws.ts'

export interface Server {
  /** For `Acceptor.add`, from whatever thread. */
  readonly descriptor: number
  readonly counters: NetCounters
  /** Connections open now. */
  connections(): number
  /**
   * Closes every connection at once, synchronously. A connection that the acceptor handed over before arrives later
   * still: its requests are refused, and a second call closes it.
   */
  close(): void
}

export function openServer(uws: Uws, clock: Clock, handle: (exchange: Exchange) => void): Server {
  const counters = createNetCounters()
  let connections = 0
  let closing = false
  const app = uws.App()
  app.filter((_response, change) => {
    connections += change
  })
  app.any('/*', (response, request) => {
    if (closing) return answerUnavailable(response)
    const exchange = new Exchange(clock, counters, response, request)
    exchange.guarded(() => handle(exchange))
  })
  return {
    descriptor: app.getDescriptor(),
    counters,
    connections: () => connections,
    close() {
      closing = true
      app.close()
    },
  }
}
