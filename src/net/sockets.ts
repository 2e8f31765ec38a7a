// The WebSockets of one server: the route, the numbers that the library gets, and the pings that find dead clients.
import { Cadence } from '../std/cadence.ts'
import type { CorkHolder } from './cork-holder.ts'
import type { NetCounters, SocketCounters } from './counters.ts'
import type { Net } from './net.ts'
import { Socket, type SocketData, type SocketHome, type SocketSettings } from './socket.ts'
import type { Upgrade } from './upgrade.ts'
import type { App, Request, Response, UpgradeContext } from './uws.ts'

/** What one thread can still hand to others in a turn; more belongs into HTTP. */
const messageBytesMaxMax = 67_108_864
const pingMsMax = 120_000

/**
 * The library closes without a frame, so its limit lies where a client that is only wrong does not come. A connection may
 * hold as much of a message that never ends, and nobody can see it (README, rule 16), hence no more.
 */
const spareBytes = 65_536

/** From 32 s on the library gives a client 16 s to answer a close frame. Below, it may be none. */
const idleSecondsMin = 32

export class Sockets implements SocketHome {
  readonly net: Net
  readonly settings: SocketSettings
  readonly counters: SocketCounters & NetCounters
  readonly controlFramesMax: number
  readonly #cadence: Cadence<Socket>
  readonly #closed: () => void
  readonly #holder: CorkHolder | undefined

  /** `closed` is called for every socket that is gone. Without a `holder` the library complains of late handshakes. */
  constructor(
    net: Net,
    settings: SocketSettings,
    counters: SocketCounters & NetCounters,
    closed: () => void,
    holder?: CorkHolder,
  ) {
    // A bad number of the library's would abort the process (README, rule 12).
    assertWithin('messageBytesMax', settings.messageBytesMax, messageBytesMaxMax)
    assertWithin('pingMs', settings.pingMs, pingMsMax)
    this.net = net
    this.controlFramesMax = Math.ceil((net.settings.controlFramesMax * settings.pingMs) / 1_000)
    this.settings = settings
    this.counters = counters
    this.#closed = closed
    this.#holder = holder
    this.#cadence = new Cadence(net.clock, settings.pingMs, socket => socket.beat())
  }

  /** Adds the route, in front of those for other requests. A request that comes this way may become a socket. */
  serve(
    app: App,
    take: (response: Response, request: Request, upgrade: Upgrade) => void,
    pattern: string,
  ): void {
    const { messageBytesMax, pingMs } = this.settings
    app.ws<SocketData>(pattern, {
      ...Socket.handlers,
      upgrade: (response, request, context) => {
        let handling = true
        take(response, request, (...args) => this.#open({ context, handling }, ...args))
        handling = false
      },
      compression: 0, // it costs 75 KB for each connection, or 9 µs for each message and client
      maxPayloadLength: messageBytesMax + spareBytes,
      maxBackpressure: 0, // beyond it messages would be dropped in silence; a socket counts for itself
      maxLifetime: 0,
      sendPingsAutomatically: false,
      // Never met while a client lives: our pings come first.
      idleTimeout: Math.max(idleSecondsMin, Math.ceil((3 * pingMs) / 1_000)),
    })
  }

  joined(socket: Socket): void {
    this.#cadence.enter(socket)
  }

  left(socket: Socket): void {
    this.#cadence.remove(socket)
    this.#closed()
  }

  /** Sends the 101. The library calls `open` before `upgrade` returns. `handling`: in the callback of the request. */
  #open(
    { context, handling }: { readonly context: UpgradeContext; readonly handling: boolean },
    ...[response, key, consumer, { protocol, headers }]: Parameters<Upgrade>
  ): Socket {
    const socket = new Socket(this, consumer)
    const answer = () => {
      response.writeStatus('101 Switching Protocols')
      for (const name in headers) response.writeHeader(name, headers[name] ?? '')
      // No extensions: the client's offer to compress is passed over.
      response.upgrade<SocketData>({ socket }, key, protocol ?? '', '', context)
    }
    if (handling || this.#holder === undefined) answer()
    else this.#holder.cork(response, answer)
    return socket
  }
}

function assertWithin(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${name} is ${value}, not a whole number from 1 to ${max}`)
  }
}
