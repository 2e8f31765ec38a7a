// What a front-end behind the gate gets of one request, and how it answers. Shapes only; `served.ts`, `gate-body.ts` and
// `gate-stream.ts` are behind them, a test's own objects may be, too.
import type { BareConnection } from '../bare-connection.ts'

export interface GateExchange {
  readonly method: string
  /** As sent. */
  readonly target: string
  readonly path: string
  readonly query: string
  readonly version: '1.0' | '1.1'
  /** Name, value, name, value … in their order, case and repetition kept, a byte a character (Latin-1). */
  readonly rawHeaders: readonly string[]
  readonly host: string | undefined
  /** Empty on a unix socket, and once the client is gone. */
  readonly remoteAddress: string
  readonly isTls: boolean
  /** It asks for a WebSocket: `takeSocket` accepts, any answer refuses, and the connection ends behind it. */
  readonly wantsSocket: boolean
  readonly body: GateBody
  /** The first value of that lower-case name. */
  header(name: string): string | undefined
  /**
   * Called once, when the client is gone before the answer has ended: its FIN counts, behind pipelined requests, too. Not
   * behind an `abort` of ours. Of several the last one is kept.
   */
  onAborted(callback: () => void): void
  /**
   * The head of the answer: this status line, these headers as they are, and the framing; no `Date`, no `Server`. It
   * leaves at the end of the turn, with what was written until then. `Content-Length`, `Transfer-Encoding`, `Connection` and
   * `Keep-Alive` among the headers are left out, for the framing says them, and so is what is no header at all, such as
   * a value with a line end in it. A status that is not final, or none, leaves as a 500. A second answer, or one to a client that left, goes nowhere.
   */
  respond(status: number, reason: string, rawHeaders: readonly string[], framing: Framing): GateResponse
  /** A whole answer, with its length. */
  reply(status: number, reason: string, rawHeaders: readonly string[], body: Uint8Array | string): void
  /** The connection without its HTTP, behind a 101 with these headers; undefined where it is answered or gone. */
  takeSocket(reason: string, rawHeaders: readonly string[]): BareConnection | undefined
  /** Cuts the connection: nobody may take a torn body for a whole one. */
  abort(): void
}

/** `chunked` is raw until the connection closes for a client that speaks 1.0. `none`: neither body nor length. */
export type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'none' }

export interface GateBody {
  /** 0 where there is none, undefined where it comes in chunks. */
  readonly length: number | undefined
  /**
   * Reading begins, which asks for the body where the client waits for that (RFC 9110 section 10.1.1). A piece is a view
   * that is valid until the callback returns. Neither callback runs before this returns, nor once the client is gone or the answer has
   * ended. Begin before the answer does: a body that nobody has begun to read by then is dropped.
   */
  read(onChunk: (piece: Buffer) => void, onEnd: () => void): void
  /** Nothing more is handed on, and at most one buffer is read from the socket. */
  pause(): void
  resume(): void
}

export interface GateResponse {
  readonly isChunked: boolean
  /** Bytes that the client did not take yet, counted in pieces of up to 64 KiB. */
  readonly waitingBytes: number
  /** Takes bytes that must not change from now on. False: the client is behind, and `onDrained` tells when it took what waits. */
  write(bytes: Uint8Array): boolean
  /** As `write`, of one or several chunks with their framing, which many clients may share. Only where `isChunked`. */
  writeRaw(chunk: Uint8Array): boolean
  /** Called once, soon where nothing waits. */
  onDrained(callback: () => void): void
  /** Less than was promised is cut, as by `abort`. */
  end(): void
  abort(): void
}
