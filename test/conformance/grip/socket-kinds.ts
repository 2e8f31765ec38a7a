// What steps of rows about WebSockets are; `socket-words.ts` makes them.
import type { Window } from './expectations.ts'

export type SocketSend =
  /** Bytes behind a handshake that was accepted, as they stand. */
  | { readonly kind: 'say'; readonly subscriber: string; readonly bytes: Uint8Array }
  | { readonly kind: 'lame'; readonly is: 'down' | 'up' }
  /** Looks at what origins heard on WebSockets of their own. */
  | { readonly kind: 'sockets'; readonly path: string }

export type SocketExpect = Heard | Met | Posted

export interface Heard {
  readonly kind: 'heard'
  readonly messages: readonly string[]
  /** The last of it came, or the end where there is one. */
  readonly after?: Window
  /** The daemon closes the connection behind them. */
  readonly ends?: true
}

export interface Met {
  readonly kind: 'met'
  readonly messages: readonly string[]
  /** The daemon closed the connection. */
  readonly isOver?: true
}

export interface Posted {
  readonly kind: 'posted'
  readonly body: string
}
