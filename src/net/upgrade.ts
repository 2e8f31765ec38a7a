// How a request becomes a WebSocket.
import type { Socket, SocketConsumer } from './socket.ts'
import type { Response } from './uws.ts'

/** How a WebSocket is accepted. */
export interface Acceptance {
  /** One of `protocolsOf` the request; without it the client is told of none. */
  readonly protocol?: string | undefined
  /** As in `Reply`. Never sec-websocket-…, upgrade or connection: the library writes them. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Turns the response to a sound handshake into a socket. */
export type Upgrade = (
  response: Response,
  key: string,
  consumer: SocketConsumer,
  acceptance: Acceptance,
) => Socket
