// A bare connection as a WebSocket, either side of it. What is written in one go, such as all that came in one read from the
// other end of a proxy, leaves in one write.

import type { Socket } from 'node:net'
import type { Clock } from '../../std/clock.ts'
import type { Random } from '../../std/random.ts'
import type { BareConnection } from '../bare-connection.ts'
import { afterThrow } from '../guard.ts'
import type { FrameCounters } from './counters.ts'
import { FrameEnding } from './frame-ending.ts'
import type { FrameFault, FrameHandlers, FramePeer, MessageKind } from './frame-peer.ts'
import { FrameReader } from './frame-reader.ts'
import { clientFrame, closePayload, frameHead } from './frame-writer.ts'
import { aheadBytesMax, type GateLimits, turnBytesMax, turnFramesMax } from './limits.ts'
import { controlBytesMax, type Opcode, opcode } from './opcode.ts'
import { Outflow } from './outflow.ts'
import { disown, own, type SocketOwner } from './socket-owner.ts'

/** One record for all WebSockets of a side. */
export interface FrameOptions {
  /** A client's frames are masked. */
  readonly role: 'server' | 'client'
  readonly clock: Clock
  /** For masks. */
  readonly random: Random
  readonly limits: Pick<GateLimits, 'behindBytesMax' | 'lingerMsMax' | 'lingerBytesMax'>
  readonly counters: FrameCounters
}

export class FrameSocket implements FramePeer, SocketOwner {
  readonly #socket: Socket
  readonly #options: FrameOptions
  readonly #handlers: FrameHandlers
  readonly #outflow: Outflow
  readonly #reader = new FrameReader()
  #ending: FrameEnding | undefined
  #isOver = false
  #isPaused = false
  #isReading = true
  #isProceeding = false
  /** Others have a turn first. */
  #isWaiting = false
  /** Read since others had one. */
  #turnBytes = 0
  /** The other side sent its FIN. */
  #isFinished = false
  #hasClosed = false
  #isHeld = false
  /** Somebody was told that the other side is behind. */
  #owesDrained = false

  /** `handlers` are called in later microtasks only, whatever has come already. */
  constructor({ socket, early }: BareConnection, options: FrameOptions, handlers: FrameHandlers) {
    this.#socket = socket
    this.#options = options
    this.#handlers = handlers
    this.#outflow = new Outflow(socket)
    this.#reader.add(early)
    own(socket, this)
    socket.resume()
    if (early.length > 0 || socket.readableEnded || socket.closed) queueMicrotask(() => this.#catchUp())
  }

  get waitingBytes(): number {
    return this.#outflow.waitingBytes
  }

  message(kind: MessageKind, piece: Uint8Array, isFirst = true, isLast = true): boolean {
    return this.#write(isFirst ? opcode[kind] : opcode.continuation, piece, isLast)
  }

  ping(payload: Uint8Array): boolean {
    return this.#write(opcode.ping, payload.subarray(0, controlBytesMax), true)
  }

  pong(payload: Uint8Array): boolean {
    return this.#write(opcode.pong, payload.subarray(0, controlBytesMax), true)
  }

  close(code?: number, reason: string | Uint8Array = ''): void {
    this.#write(opcode.close, closePayload(code, reason), true)
    this.#hasClosed = true
  }

  /** Whole frames of a server's (`serverFrame`), which many clients may share. As `message`, but that it leaves at once. */
  raw(frames: Uint8Array): boolean {
    return !this.#mayWrite() || this.#told(this.#outflow.write(frames))
  }

  end(): void {
    if (this.#isOver || this.#ending !== undefined) return
    const { clock, limits } = this.#options
    this.#reader.drop()
    this.#ending = new FrameEnding(clock, limits, this.#socket, this.#outflow)
    // Its FIN could not be seen.
    this.#socket.resume()
    if (this.#isFinished) this.#ending.finished()
  }

  cut(): void {
    if (this.#isOver) return
    this.#forget()
    this.#socket.destroy()
  }

  pause(): void {
    this.#isPaused = true
    this.#pace()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    // Never within the caller.
    if (this.#reader.bytes > 0 || this.#isFinished) this.#catchUpSoon()
    this.#pace()
  }

  get #isDeaf(): boolean {
    return this.#isOver || this.#ending !== undefined
  }

  #mayWrite(): boolean {
    if (this.#isDeaf || this.#hasClosed) return false
    const { limits, counters } = this.#options
    if (this.#outflow.waitingBytes <= limits.behindBytesMax) return true
    counters.behind++
    this.#lose()
    return false
  }

  #write(code: Opcode, payload: Uint8Array, isLast: boolean): boolean {
    if (!this.#mayWrite()) return true
    this.#hold()
    const { role, random } = this.#options
    if (role === 'client') {
      const key = Number.parseInt(random.hex(4), 16)
      return this.#told(this.#outflow.write(clientFrame(code, isLast, payload, key)))
    }
    const head = frameHead(code, isLast, payload.length)
    if (payload.length === 0) return this.#told(this.#outflow.write(head))
    return this.#told(this.#outflow.writeAll([head, payload], head.length + payload.length))
  }

  #told(isTaking: boolean): boolean {
    if (!isTaking) this.#owesDrained = true
    return isTaking
  }

  /** Collects what is written until whoever writes has returned. */
  #hold(): void {
    if (this.#isHeld) return
    this.#isHeld = true
    this.#outflow.hold()
    queueMicrotask(() => {
      this.#isHeld = false
      if (!this.#isOver) this.drained()
    })
  }

  drained(): void {
    this.#outflow.flush()
    if (this.#ending !== undefined) return this.#ending.drained()
    if (!this.#owesDrained || this.#outflow.isBehind) return
    this.#owesDrained = false
    this.#guarded(() => this.#handlers.drained())
  }

  came(bytes: Buffer): void {
    if (this.#ending !== undefined) return this.#ending.came(bytes)
    if (this.#isOver) return
    this.#reader.add(bytes)
    this.#turnBytes += bytes.length
    this.#proceed()
    if (this.#isDeaf) return
    if (this.#turnBytes >= turnBytesMax && !this.#isWaiting) this.#wait()
    this.#pace()
  }

  finished(): void {
    this.#isFinished = true
    if (this.#ending !== undefined) this.#ending.finished()
    else this.#proceed()
  }

  closed(): void {
    if (this.#ending !== undefined) this.#forget()
    // What it sent before its FIN is still to be handed on.
    else if (!this.#isFinished || !this.#isHeldBack) this.#lose()
  }

  get #isHeldBack(): boolean {
    return this.#reader.bytes > 0 && (this.#isPaused || this.#isWaiting)
  }

  /** What had come, or happened, before anybody listened. */
  #catchUp(): void {
    if (this.#isDeaf) return
    if (this.#socket.readableEnded) this.#isFinished = true
    this.#proceed()
    if (this.#socket.closed && !this.#isDeaf) this.closed()
  }

  #catchUpSoon(): void {
    queueMicrotask(() => this.#proceed())
  }

  #proceed(): void {
    if (this.#isProceeding || this.#isWaiting || this.#isDeaf) return
    this.#isProceeding = true
    this.#guarded(() => this.#readFrames())
    this.#isProceeding = false
    if (this.#isDeaf) return
    if (this.#isFinished && !this.#isHeldBack) return this.#lose()
    this.#pace()
  }

  #readFrames(): void {
    for (let frames = 0; !this.#isPaused && this.#reader.bytes > 0; frames++) {
      if (frames === turnFramesMax) return this.#wait()
      const found = this.#reader.next(this.#handlers)
      // Whoever was called may have ended it.
      if (this.#isDeaf || found === 'more') return
      if (found !== 'frame') return this.#lose(found)
    }
  }

  /** Whoever sends very many small frames, or as much as can be read, does not hold up the others. */
  #wait(): void {
    this.#isWaiting = true
    this.#options.clock.endOfTurn(() => {
      this.#isWaiting = false
      this.#turnBytes = 0
      this.#proceed()
    })
  }

  #pace(): void {
    if (this.#isDeaf) return
    const isFull = this.#reader.bytes >= aheadBytesMax || this.#turnBytes >= turnBytesMax
    const mayRead = !this.#isPaused && !isFull
    if (mayRead === this.#isReading) return
    this.#isReading = mayRead
    if (mayRead) this.#socket.resume()
    else this.#socket.pause()
  }

  #lose(fault?: FrameFault): void {
    if (this.#isOver) return
    if (fault !== undefined) this.#options.counters.faults++
    const isTold = this.#ending === undefined
    this.cut()
    if (isTold) this.#guarded(() => this.#handlers.gone(fault))
  }

  /** What throws cuts the connection, and surfaces at the end of the turn. */
  #guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      const { clock, counters } = this.#options
      counters.failures++
      afterThrow(clock, () => this.#lose(), error)
    }
  }

  #forget(): void {
    this.#isOver = true
    disown(this.#socket)
    this.#reader.drop()
    this.#ending?.cancel()
    this.#ending = undefined
  }
}
