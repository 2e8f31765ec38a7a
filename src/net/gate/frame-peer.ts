// A WebSocket on a bare connection, frame by frame (RFC 6455), for a proxy: nothing is answered by itself, no ping and no close
// frame, for whoever is behind it may have to say the word. Shapes only; `frame-socket.ts` is behind them.

export type MessageKind = 'text' | 'binary'

/** Called back while the connection lasts; never before the constructor has returned. */
export interface FrameHandlers {
  /**
   * A piece of a message: a frame, or a part of one that is large. `isFirst` and `isLast` are of the message. The piece is the
   * callee's. An empty message is one empty piece.
   */
  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): void
  ping(payload: Buffer): void
  pong(payload: Buffer): void
  /** The close frame of the other side; undefined: it had no code. No message, ping or pong follows. */
  closing(code: number | undefined, reason: Buffer): void
  /** It took what waited, after a `false`. */
  drained(): void
  /** The connection is no more, once; not after `cut` or `end`. `fault`: the other side broke a rule of frames. */
  gone(fault?: FrameFault): void
}

/** As log and metrics name what the other side did. */
export type FrameFault =
  | 'opcode'
  | 'reserved-bits'
  | 'control-size'
  | 'control-fragment'
  | 'fragment'
  | 'length'

export interface FramePeer {
  /** Bytes that were not taken yet. */
  readonly waitingBytes: number
  /**
   * A piece of a message, as one frame; by default a whole one. Bytes must not change from now on. False: the other side is behind,
   * and `drained` tells when it took what waits. Beyond the connection's bound it is cut, and `gone` is told.
   */
  message(kind: MessageKind, piece: Uint8Array, isFirst?: boolean, isLast?: boolean): boolean
  /**
   * Whole frames with their heads, made once for many sockets (`serverFrame`): messages, pings and pongs, never inside a
   * message. A server's alone, for a client has to mask. Answered as `message`.
   */
  raw(frames: Uint8Array): boolean
  /** Up to 125 bytes; longer payloads are cut short. */
  ping(payload: Uint8Array): boolean
  pong(payload: Uint8Array): boolean
  /** A close frame, once: a second one is not sent, nor anything behind it. A reason is cut short behind a whole character. */
  close(code?: number, reason?: string | Uint8Array): void
  /** A FIN behind what was written, and a moment for the other side to see it. Nothing is told any more. */
  end(): void
  /** At once. Nothing is told any more. */
  cut(): void
  /** At most one more read of the kernel's is handed on, and where nothing else does, the end is told. */
  pause(): void
  resume(): void
}
