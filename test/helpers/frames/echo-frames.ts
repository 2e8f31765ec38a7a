// A WebSocket that gives back what it gets, frame by frame, and pings and the close as well.
import type { BareConnection } from '../../../src/net/bare-connection.ts'
import type { FrameHandlers, MessageKind } from '../../../src/net/gate/frame-peer.ts'
import { type FrameOptions, FrameSocket } from '../../../src/net/gate/frame-socket.ts'

export class EchoFrames implements FrameHandlers {
  readonly #peer: FrameSocket

  constructor(connection: BareConnection, options: FrameOptions) {
    this.#peer = new FrameSocket(connection, options, this)
  }

  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): void {
    if (!this.#peer.message(kind, piece, isFirst, isLast)) this.#peer.pause()
  }

  ping(payload: Buffer): void {
    this.#peer.pong(payload)
  }

  pong(): void {
    // Nobody was asked.
  }

  closing(code: number | undefined, reason: Buffer): void {
    this.#peer.close(code, reason)
    this.#peer.end()
  }

  drained(): void {
    this.#peer.resume()
  }

  gone(): void {
    // Nothing is kept.
  }
}
