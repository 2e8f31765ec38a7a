// A worker's child App: gets accepted connections from acceptors of the primary and gives each request, as an
// Exchange, to one handler. Never listens itself.
import type { Clock } from '../std/clock.ts'
import { createNetCounters, Exchange, type NetCounters, type Upgrade } from './exchange.ts'
import { asksForSocket, mistakeOf } from './handshake.ts'
import type { SocketCounters, SocketSettings } from './socket.ts'
import { createSocketCounters, Sockets } from './sockets.ts'
import { answerUnavailable } from './unavailable.ts'
import type { Request, Response, Uws } from './uws.ts'

export interface Server {
  /** For `Acceptor.add`, from whatever thread. */
  readonly descriptor: number
  /** Those of sockets only where they are served. */
  readonly counters: NetCounters & Partial<SocketCounters>
  /** Connections open now. */
  connections(): number
  /**
   * Closes every connection at once, synchronously. A connection that the acceptor handed over before arrives later
   * still: its requests are refused, and a second call closes it.
   */
  close(): void
}

/** With `settings`, requests for a WebSocket are served too, each as an `Exchange` that `wantsSocket`. */
export function openServer(
  uws: Uws,
  clock: Clock,
  handle: (exchange: Exchange) => void,
  settings?: SocketSettings,
): Server {
  const counters: Server['counters'] = createNetCounters()
  let connections = 0
  let closing = false
  const app = uws.App()
  app.filter((_response, change) => {
    connections += change
  })
  const begin = (exchange: Exchange) => {
    const judged = settings !== undefined && settings.judgesHandshakes !== true
    const mistake = judged && asksForSocket(exchange) ? mistakeOf(exchange) : undefined
    if (mistake === undefined) return handle(exchange)
    counters.handshakesRefused = (counters.handshakesRefused ?? 0) + 1
    exchange.reply(mistake)
  }
  const take = (response: Response, request: Request, upgrade?: Upgrade) => {
    if (closing) return answerUnavailable(response)
    const exchange = new Exchange(clock, counters, response, request, upgrade)
    exchange.guarded(() => begin(exchange))
    exchange.handled()
  }
  if (settings !== undefined) {
    // The library's filter counts no end of an upgraded connection.
    const left = () => void connections--
    new Sockets(clock, settings, Object.assign(counters, createSocketCounters()), left).serve(app, take)
  }
  app.any('/*', (response, request) => take(response, request))
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
