// What publishers of GRIP hand in (contract §6.2): one item for one channel, with what each kind of client gets of it.

/** `hint`: ask the origin; `close`: end it; `refresh`: an empty request to the origin of a WebSocket. */
export type Action = 'hint' | 'close' | 'refresh'

/** An action that says nothing beside itself. */
export interface Bare<Name extends Action = Action> {
  readonly action: Name
}

interface Sent {
  readonly action: 'send'
  /** Must equal the content filters of a subscription; absent: any will do. */
  readonly contentFilters?: readonly string[] | undefined
}

/** Answers a long poll. */
export interface ResponseSend extends Sent {
  readonly code: number
  readonly reason: string
  /** Names and values in turn: text, not yet the bytes of a header. */
  readonly headers: readonly string[]
  /** Bytes, or a JSON Patch of the stored body, as JSON text. */
  readonly body: Uint8Array | { readonly patch: string }
}

/** A piece of a stream; nothing is written where it is empty. */
export interface StreamSend extends Sent {
  readonly content: Uint8Array
}

export type SocketContent = 'text' | 'binary' | 'ping' | 'pong'

export interface SocketSend extends Sent {
  readonly type: SocketContent
  readonly content: Uint8Array
}

export interface SocketClose extends Bare<'close'> {
  readonly code?: number | undefined
  /** None without a code. */
  readonly reason?: string | undefined
}

export type ResponseFormat = ResponseSend | Bare
export type StreamFormat = StreamSend | Bare
export type SocketFormat = SocketSend | SocketClose | Bare<'hint' | 'refresh'>

/** By the kind of client that it is for. */
export interface Formats {
  readonly response?: ResponseFormat | undefined
  readonly stream?: StreamFormat | undefined
  readonly socket?: SocketFormat | undefined
}

export interface Item extends Formats {
  /** May be empty. */
  readonly channel: string
  /** May be empty, which is an id still. */
  readonly id?: string | undefined
  readonly prevId?: string | undefined
  /** It is in no order with others. */
  readonly noSeq: boolean
  /** Bytes that a publisher wants to be counted for it. */
  readonly size?: number | undefined
  /** What filters know of it. */
  readonly meta: ReadonlyMap<string, string>
}
