// What a server counts of its requests and WebSockets.
import { type CloseCounters, createCloseCounters } from './close-code.ts'

export interface NetCounters {
  requests: number
  aborted: number
  bodiesTooLarge: number
  bodiesInCrumbs: number
  /** Clients that were closed for more than their share of a turn. */
  floods: number
  /** Refusals that waited for a client which was still sending, and those that it kept waiting too long. */
  lingered: number
  lingeredInVain: number
  suspects: number
  failures: number
}

export function createNetCounters(): NetCounters {
  return {
    requests: 0,
    aborted: 0,
    bodiesTooLarge: 0,
    bodiesInCrumbs: 0,
    floods: 0,
    lingered: 0,
    lingeredInVain: 0,
    suspects: 0,
    failures: 0,
  }
}

export interface SocketCounters extends CloseCounters {
  socketsOpened: number
  handshakesRefused: number
  messages: number
  messagesTooLarge: number
  pingsMissed: number
  /** Cut for `behindBytesMax`. */
  socketsBehind: number
  /** Closed for more pings and pongs than anybody needs. */
  socketsChattering: number
}

export function createSocketCounters(): SocketCounters {
  return {
    socketsOpened: 0,
    handshakesRefused: 0,
    messages: 0,
    messagesTooLarge: 0,
    pingsMissed: 0,
    socketsBehind: 0,
    socketsChattering: 0,
    ...createCloseCounters(),
  }
}
