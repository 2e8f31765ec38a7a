// What one client of the gate may take, each bound with the reason for its number.
import type { HeadLimits } from './request-head.ts'

export interface GateLimits extends HeadLimits {
  /** Time until a head is complete, from the accept or the last answer on; none while a request is served. */
  readonly idleMs: number
  /** Connections of this worker. At the limit its listeners close until one leaves. */
  readonly connectionsMax: number
  /** Bytes that may wait for a client before the next write cuts it; one write may be larger. */
  readonly behindBytesMax: number
  /** Time and bytes for which a client that is refused may go on sending, so that it sees the answer. */
  readonly lingerMsMax: number
  readonly lingerBytesMax: number
}

export const gateDefaults: GateLimits = {
  // Contract §3, `client_buffer_size`, §4.1.
  headBytesMax: 8_192,
  headersMax: 64,
  targetBytesMax: 4_096,
  // Contract row 64: longer than load balancers keep idle connections.
  idleMs: 60_000,
  // Contract §3, `client_maxconn`.
  connectionsMax: 50_000,
  // A writer that stops at a `false` never comes near: it would have to ignore 256 of them.
  behindBytesMax: 16_777_216,
  // As for the rest of the house (`net/settings.ts`).
  lingerMsMax: 30_000,
  lingerBytesMax: 16_777_216,
}

/** From so many waiting bytes on a client is behind; so many are given to a socket at once, so that progress can be seen. */
export const pieceBytes = 65_536

/** So much of what came is kept while it cannot be handled; then reading stops. One read of the kernel's. */
export const aheadBytesMax = 65_536

/** Requests of one connection in one turn: 32 small ones take about a millisecond, and pipelining still pays. */
export const turnRequestsMax = 32

/** Sockets beyond `connectionsMax` that wait for a place, unread: those that the kernel hands over while the doors close. */
export const crowdMax = 64

/** Frames of one WebSocket that are handed on before others have a turn: small ones take about half a millisecond. */
export const turnFramesMax = 64

/** The same in bytes: one read of the kernel's, which would be made 32 times where so much waits there. */
export const turnBytesMax = 65_536
