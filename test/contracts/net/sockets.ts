// Servers of WebSockets for the contracts: one that keeps what each socket heard, and does with it what a test likes.
import type { TestContext } from 'node:test'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { NetSettings } from '../../../src/net/settings.ts'
import type { PayloadKind, Socket, SocketConsumer, SocketSettings } from '../../../src/net/socket.ts'
import { handshake, RawWebSocket } from '../../helpers/raw-websocket.ts'
import { type Served, serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'

const settings: SocketSettings = { messageBytesMax: 100_000, pingMs: 60_000, behindBytesMax: 100_000 }

/** What a socket heard, and the socket. */
export class Ear implements SocketConsumer {
  socket: Socket | undefined
  readonly path: string
  /** `text hello`, `binary …`. */
  readonly messages: string[] = []
  readonly closes: (readonly [number, string])[] = []
  drains = 0
  progress = 0
  pongs = 0
  readonly #heard: (ear: Ear, bytes: Uint8Array, kind: PayloadKind) => void

  constructor(path: string, heard: (ear: Ear, bytes: Uint8Array, kind: PayloadKind) => void = () => {}) {
    this.path = path
    this.#heard = heard
  }

  message(bytes: Uint8Array, kind: PayloadKind): void {
    this.messages.push(`${kind} ${Buffer.from(bytes).toString('latin1')}`)
    this.#heard(this, bytes, kind)
  }

  drained(): void {
    this.drains++
  }

  progressed(): void {
    this.progress++
  }

  closed(code: number, reason: string): void {
    this.closes.push([code, reason])
  }

  pong(): void {
    this.pongs++
  }
}

export interface ServedSockets extends Served {
  readonly ears: Ear[]
  /** A client that shook hands, and the ear at the other end. */
  join(request?: string): Promise<readonly [RawWebSocket, Ear]>
}

export interface SocketsOptions {
  readonly settings?: Partial<SocketSettings>
  readonly net?: Partial<NetSettings>
  readonly heard?: (ear: Ear, bytes: Uint8Array, kind: PayloadKind) => void
  /** In place of accepting at once. */
  readonly handle?: (exchange: Exchange, ear: Ear) => void
}

/** Requests that ask for no WebSocket are answered `plain`. */
export async function serveSockets(t: TestContext, options: SocketsOptions = {}): Promise<ServedSockets> {
  const ears: Ear[] = []
  const accept = (exchange: Exchange, ear: Ear) => {
    ear.socket = exchange.upgrade(ear)
  }
  const served = await serve(
    t,
    exchange => {
      if (!exchange.wantsSocket) return exchange.reply({ status: 200, body: 'plain' })
      const ear = new Ear(exchange.path, options.heard)
      ears.push(ear)
      const handle = options.handle ?? accept
      handle(exchange, ear)
    },
    { ...settings, ...options.settings },
    [],
    options.net,
  )
  return {
    ...served,
    ears,
    async join(request = handshake()) {
      const index = ears.length
      const socket = await new RawWebSocket(served.connect()).open(request)
      const ear = await until('the ear', () => ears[index])
      return [socket, ear]
    },
  }
}

/** Sends every message back. */
export const echo = (ear: Ear, bytes: Uint8Array, kind: PayloadKind) => void ear.socket?.send(bytes, kind)
