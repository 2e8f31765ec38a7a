// A WebSocket that carries frames of SockJS (contract §12.3), as a session sees it: messages are wrapped on the way to the client,
// and unwrapped on the way back (`unwrapping.ts`).
import { StringDecoder } from 'node:string_decoder'
import type { FrameHandlers, FramePeer, MessageKind } from '../../../../net/gate/frame-peer.ts'
import type { Clock } from '../../../../std/clock.ts'
import type { Timer, Timers } from '../../hold/timers.ts'
import { writeEach } from './ready-frames.ts'
import { Unwrapping } from './unwrapping.ts'
import { heartbeat, opened } from './words.ts'

const heartbeatMs = 25_000

/** `open`: makes the connection's own end, whose handlers are called later; undefined where the client is gone. */
export function openFramed(
  open: (handlers: FrameHandlers) => FramePeer | undefined,
  handlers: FrameHandlers,
  times: FramedTimes,
): FramePeer | undefined {
  const unwrapping = new Unwrapping(handlers)
  const connection = open(unwrapping)
  return connection && new FramedSocket(connection, unwrapping, times)
}

export interface FramedTimes {
  readonly timers: Pick<Timers, 'every'>
  readonly clock: Pick<Clock, 'endOfTurn'>
}

class FramedSocket implements FramePeer {
  readonly #connection: FramePeer
  readonly #unwrapping: Unwrapping
  readonly #heartbeat: Timer
  /** A character may be cut by the pieces of a message. */
  #decoder = new StringDecoder('utf8')
  /** A message has begun and not ended. */
  #isInside = false

  constructor(connection: FramePeer, unwrapping: Unwrapping, { timers, clock }: FramedTimes) {
    this.#connection = connection
    this.#unwrapping = unwrapping
    this.#heartbeat = timers.every(heartbeatMs, () => {
      if (!this.#isInside) this.#say(heartbeat)
    })
    unwrapping.begin({
      pong: payload => void connection.pong(payload),
      cut: () => this.cut(),
      over: () => this.#heartbeat.cancel(),
      pause: () => connection.pause(),
      resume: () => connection.resume(),
      later: run => clock.endOfTurn(run),
    })
    this.#say(opened)
  }

  get waitingBytes(): number {
    return this.#connection.waitingBytes
  }

  /** Binary ones are told as the text that they encode. */
  message(_kind: MessageKind, piece: Uint8Array, isFirst = true, isLast = true): boolean {
    const text = this.#decoder.write(piece) + (isLast ? this.#decoder.end() : '')
    const inner = JSON.stringify(text).slice(1, -1)
    const wrapped = `${isFirst ? 'a["' : ''}${inner}${isLast ? '"]' : ''}`
    this.#isInside = !isLast
    this.#heartbeat.restart()
    return this.#connection.message('text', Buffer.from(wrapped), isFirst, isLast)
  }

  raw(frames: Uint8Array): boolean {
    return writeEach(frames, this)
  }

  ping(payload: Uint8Array): boolean {
    return this.#connection.ping(payload)
  }

  pong(payload: Uint8Array): boolean {
    return this.#connection.pong(payload)
  }

  close(code?: number, reason?: string | Uint8Array): void {
    this.#heartbeat.cancel()
    this.#connection.close(code, reason)
  }

  end(): void {
    this.#unwrapping.stop()
    this.#connection.end()
  }

  cut(): void {
    this.#unwrapping.stop()
    this.#connection.cut()
  }

  pause(): void {
    this.#unwrapping.pause()
    this.#connection.pause()
  }

  resume(): void {
    this.#unwrapping.resume()
    if (!this.#unwrapping.isWaiting) this.#connection.resume()
  }

  #say(frame: string): void {
    this.#connection.message('text', Buffer.from(frame))
  }
}
