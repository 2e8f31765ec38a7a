// What a client sends in frames of SockJS over a WebSocket: lists of texts, each text a message of its own.
import type { FrameFault, FrameHandlers, MessageKind } from '../../../../net/gate/frame-peer.ts'
import { bufferBytesMax, readMessages } from './messages.ts'

/** What is wrapped may be twice as long as what it says. */
const wrappedBytesMax = 2 * bufferBytesMax

interface UnwrappingOwner {
  pong(payload: Buffer): void
  /** The client sent what it must not. */
  cut(): void
  /** Nothing comes any more. */
  over(): void
}

export class Unwrapping implements FrameHandlers {
  readonly #handlers: FrameHandlers
  #owner: UnwrappingOwner | undefined
  /** Of a list that is not whole. */
  #pieces: Buffer[] = []
  #bytes = 0
  /** Texts that were not handed on yet, and what follows them. */
  #texts: string[] = []
  #closing: (() => void) | undefined
  #isPaused = false
  #isOver = false

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers
  }

  /** Once, before anything comes. */
  begin(owner: UnwrappingOwner): void {
    this.#owner = owner
  }

  message(_kind: MessageKind, piece: Buffer, _isFirst: boolean, isLast: boolean): void {
    if (this.#isOver) return
    this.#bytes += piece.length
    if (this.#bytes > wrappedBytesMax) return this.#fault()
    this.#pieces.push(piece)
    if (!isLast) return
    const texts = readMessages(Buffer.concat(this.#pieces).toString())
    this.#pieces = []
    this.#bytes = 0
    if (texts?.every(text => Buffer.byteLength(text) <= bufferBytesMax) !== true) return this.#fault()
    this.#texts = this.#texts.length === 0 ? [...texts] : [...this.#texts, ...texts]
    this.#feed()
  }

  /** Answered here: the origin sees messages alone. */
  ping(payload: Buffer): void {
    if (!this.#isOver) this.#owner?.pong(payload)
  }

  pong(): void {}

  closing(code: number | undefined, reason: Buffer): void {
    if (this.#isOver) return
    this.#closing = () => this.#handlers.closing(code, reason)
    this.#feed()
  }

  drained(): void {
    if (!this.#isOver) this.#handlers.drained()
  }

  gone(fault?: FrameFault): void {
    if (this.#isOver) return
    this.stop()
    this.#handlers.gone(fault)
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    // Never before whoever asks has returned.
    if (this.#texts.length > 0 || this.#closing !== undefined) queueMicrotask(() => this.#feed())
  }

  /** Nobody is told anything any more. */
  stop(): void {
    this.#isOver = true
    this.#texts = []
    this.#pieces = []
    this.#owner?.over()
  }

  #feed(): void {
    const texts = this.#texts
    let count = 0
    while (!this.#isOver && !this.#isPaused && count < texts.length) {
      this.#handlers.message('text', Buffer.from(texts[count++] ?? ''), true, true)
    }
    if (this.#isOver) return
    this.#texts = texts.slice(count)
    const closing = this.#closing
    if (this.#texts.length > 0 || this.#isPaused || closing === undefined) return
    this.#closing = undefined
    closing()
  }

  /** As the original: it is cut, without a word. */
  #fault(): void {
    this.#owner?.cut()
    this.#handlers.gone()
  }
}
