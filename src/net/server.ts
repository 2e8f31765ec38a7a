// A worker's child App: gets accepted connections from acceptors of the primary and gives each request, as an
// Exchange, to one handler. Never listens itself.
import type { CorkHolder } from './cork-holder.ts'
import { createNetCounters, createSocketCounters, type NetCounters, type SocketCounters } from './counters.ts'
import { cut } from './cut.ts'
import { Exchange } from './exchange.ts'
import { asksForSocket, mistakeOf } from './handshake.ts'
import type { Net } from './net.ts'
import type { SocketSettings } from './socket.ts'
import { Sockets } from './sockets.ts'
import type { Upgrade } from './upgrade.ts'
import type { Request, Response } from './uws.ts'

export interface Server {
  /** For `Acceptor.add`, from whatever thread. */
  readonly descriptor: number
  /** Those of sockets only where they are served. */
  readonly counters: NetCounters & Partial<SocketCounters>
  /** Connections open now. */
  connections(): number
  /**
   * Closes every connection at once, synchronously. A connection that the acceptor handed over before arrives later
   * still: it is cut at its first request, or by a second call.
   */
  close(): void
}

/** A handler of its own for what lies at a path and behind it. The path of its exchanges is without the prefix. */
export interface Mount {
  /** Begins with a slash and ends without one. `/a` takes `/a` and `/a/…`, byte by byte, and leaves `/ab` alone. */
  readonly prefix: string
  /** With them, requests for a WebSocket are served too. */
  readonly sockets?: SocketSettings | undefined
  handle(exchange: Exchange): void
}

/**
 * With `settings`, requests for a WebSocket are served too, each as an `Exchange` that `wantsSocket`. `mounts` stand in
 * front of `handle`, the longest prefix first. `holder`: of the thread, for WebSockets that are accepted late.
 */
export function openServer(
  net: Net,
  handle: (exchange: Exchange) => void,
  settings?: SocketSettings,
  mounts: readonly Mount[] = [],
  holder?: CorkHolder,
): Server {
  const counters: Server['counters'] = createNetCounters()
  let connections = 0
  let closing = false
  const app = net.uws.App()
  app.filter((_response, change) => {
    connections += change
  })
  // The library's filter counts no end of an upgraded connection.
  const left = () => void connections--
  const serve = ({ prefix, sockets, handle }: Mount) => {
    const begin = (exchange: Exchange) => {
      const judged = sockets !== undefined && sockets.judgesHandshakes !== true
      const mistake = judged && asksForSocket(exchange) ? mistakeOf(exchange) : undefined
      if (mistake === undefined) return handle(exchange)
      counters.handshakesRefused = (counters.handshakesRefused ?? 0) + 1
      exchange.reply(mistake)
    }
    const take = (response: Response, request: Request, upgrade?: Upgrade) => {
      if (closing) return cut(response)
      const exchange = new Exchange(net, counters, response, request, upgrade, prefix.length)
      exchange.guarded(() => begin(exchange))
      exchange.handled()
    }
    const plain = (response: Response, request: Request) => take(response, request)
    const served =
      sockets === undefined ? undefined : new Sockets(net, sockets, socketCounters(), left, holder)
    for (const pattern of prefix === '' ? ['/*'] : [prefix, `${prefix}/*`]) {
      // The library asks all routes for WebSockets before any other, so a mount without them has one, too.
      if (served !== undefined) served.serve(app, take, pattern)
      else if (prefix !== '') app.ws(pattern, { upgrade: plain })
      app.any(pattern, plain)
    }
  }
  const socketCounters = () => {
    if (counters.socketsOpened === undefined) Object.assign(counters, createSocketCounters())
    return counters as NetCounters & SocketCounters // they were added just now
  }
  for (const mount of mounts) serve(mount)
  serve({ prefix: '', sockets: settings, handle })
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
