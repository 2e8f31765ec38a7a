// What happens to clients, as who counts wants to know it: called where it happens, by passages, holds and WebSockets. None of
// these may throw, and each must be cheap: they run for every client.
import type { Mode } from '../hold/ends.ts'
import type { Batch } from '../item/batch.ts'
import type { Transport } from '../item/transport.ts'
import type { Connection } from './connection.ts'

export interface Observer {
  /** A request or a handshake came; `closed` follows. */
  opened(connection: Connection): void
  /** It is held from now on, possibly not for the first time. */
  held(connection: Connection): void
  closed(connection: Connection): void
  /** One more subscriber of the channel, by its full name. */
  subscribed(channel: string, mode: Mode): void
  unsubscribed(channel: string, mode: Mode): void
  /** To one client, items that have a format for it and others. `route`: the explicit id of its rule, or nothing. */
  delivered(route: string, transport: Transport, batch: Batch): void
  /** So many items were taken at a door for publishers. */
  published(items: number): void
  /** Whoever listens knows nothing of what is there. */
  renew(): void
}
