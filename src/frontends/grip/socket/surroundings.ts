// What all WebSockets of a worker share, as one session sees it.
import type { FrameHandlers, FramePeer } from '../../../net/gate/frame-peer.ts'
import type { Clock } from '../../../std/clock.ts'
import type { Choice } from '../proxy/choice.ts'
import type { Gateway } from '../proxy/gateway.ts'
import type { OriginEndOwner } from './origin-end.ts'
import type { Reach } from './reach.ts'

export interface SocketCounters {
  /** Now, 101 sent. */
  sockets: number
  /** Now, without an answer yet. */
  socketsAsking: number
  socketsOpened: number
  /** By their origins. */
  socketsRefused: number
  clientMessages: number
  socketControls: number
  socketWordsDropped: number
  socketOriginsLost: number
  pongsSkipped: number
}

export function createSocketCounters(): SocketCounters {
  return {
    sockets: 0,
    socketsAsking: 0,
    socketsOpened: 0,
    socketsRefused: 0,
    clientMessages: 0,
    socketControls: 0,
    socketWordsDropped: 0,
    socketOriginsLost: 0,
    pongsSkipped: 0,
  }
}

/** One session, as all of them are ended. */
export interface Dismissible {
  /** Its client was told of the end. */
  readonly isParting: boolean
  /** Closes its client with this code, or answers that it cannot be served. */
  dismiss(code: number, why: 'stopped', returnMs: number): void
}

/**
 * The client's end of a session, once its origin has accepted with these headers; undefined: the client is gone. Its handlers are
 * called later.
 */
export type AcceptClient = (
  exchange: Choice['exchange'],
  rawHeaders: readonly string[],
  handlers: FrameHandlers,
) => FramePeer | undefined

export interface SessionContext {
  readonly clock: Clock
  readonly gateway: Pick<
    Gateway,
    | 'connections'
    | 'counters'
    | 'failed'
    | 'filterOrigin'
    | 'filters'
    | 'frames'
    | 'holds'
    | 'observer'
    | 'rate'
    | 'settings'
    | 'stored'
    | 'timers'
  >
  readonly counters: SocketCounters
  readonly accept: AcceptClient
  reach(choice: Choice, owner: OriginEndOwner): Reach
  /** It is over. */
  left(session: Dismissible): void
}
