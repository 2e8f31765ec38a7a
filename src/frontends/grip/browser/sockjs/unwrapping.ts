// What a client sends in frames of SockJS over a WebSocket: lists of texts, each text a message of its own.
import type { FrameFault, FrameHandlers, MessageKind } from '../../../../net/gate/frame-peer.ts'
import { turnFramesMax } from '../../../../net/gate/limits.ts'
import { bufferBytesMax, readMessages } from './messages.ts'

/** What is wrapped may be twice as long as what it says. */
const wrappedBytesMax = 2 * bufferBytesMax

interface UnwrappingOwner {
  pong(payload: Buffer): void
  /** The client sent what it must not. */
  cut(): void
  /** Nothing comes any more. */
  over(): void
  /** Nothing more is read from the client for now. */
  pause(): void
  resume(): void
  /** When others had a turn. */
  later(run: () => void): void
}

export class Unwrapping implements FrameHandlers {
  readonly #handlers: FrameHandlers
  #owner: UnwrappingOwner | undefined
  /** Of a list that is not whole. */
  #pieces: Buffer[] = []
  #bytes = 0
  /** Texts that were not handed on yet, and what follows them. */
  #texts: readonly string[] = []
  #next = 0
  #closing: (() => void) | undefined
  #isPaused = false
  /** Others have a turn first: a list may have as many texts as it has bytes. */
  #isWaiting = false
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
    this.#texts = this.#hasTexts ? [...this.#texts.slice(this.#next), ...texts] : texts
    this.#next = 0
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
    if (this.#hasTexts || this.#closing !== undefined) queueMicrotask(() => this.#feed())
  }

  /** Nobody is told anything any more. */
  stop(): void {
    this.#isOver = true
    this.#texts = []
    this.#pieces = []
    this.#owner?.over()
  }

  /** Its client is not to be read now, whoever resumes. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  get #hasTexts(): boolean {
    return this.#next < this.#texts.length
  }

  #feed(): void {
    if (this.#isWaiting) return
    for (let count = 0; this.#hasTexts && !this.#isOver && !this.#isPaused; count++) {
      if (count === turnFramesMax) return this.#wait()
      this.#handlers.message('text', Buffer.from(this.#texts[this.#next++] ?? ''), true, true)
    }
    const closing = this.#closing
    if (this.#isOver || this.#hasTexts) return
    this.#texts = []
    this.#next = 0
    if (this.#isPaused || closing === undefined) return
    this.#closing = undefined
    closing()
  }

  #wait(): void {
    this.#isWaiting = true
    this.#owner?.pause()
    this.#owner?.later(() => {
      this.#isWaiting = false
      this.#feed()
      if (!this.#isWaiting && !this.#isPaused && !this.#isOver) this.#owner?.resume()
    })
  }

  /** As the original: it is cut, without a word. */
  #fault(): void {
    this.#owner?.cut()
    this.#handlers.gone()
  }
}
