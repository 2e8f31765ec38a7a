// One session of a client that polls. Towards its origin it is a WebSocket, whose far end this is: messages for the client wait
// for its next poll, and what the client sends comes by other requests of its own.
//
//   opening ─► open ─► closing ─► ended    the origin closed, and polls are told so for a while
//      │         └────────────────► ended    the client left
//      └──────────────────────────► over     refused
import type { FrameHandlers, FramePeer, MessageKind } from '../../../../net/gate/frame-peer.ts'
import type { Clock } from '../../../../std/clock.ts'
import type { StoredBytes } from '../../hold/stored-bytes.ts'
import type { Timer, Timers } from '../../hold/timers.ts'
import type { Asking } from './asking.ts'
import { Inbound } from './inbound.ts'
import { Mailbox } from './mailbox.ts'
import { writeEach } from './ready-frames.ts'
import {
  clientLeft,
  closeFrame,
  frameFor,
  heartbeat,
  opened,
  refusals,
  type Said,
  stillOpen,
  takenFor,
} from './words.ts'

export interface SessionContext {
  readonly clock: Pick<Clock, 'endOfTurn'>
  readonly timers: Pick<Timers, 'once'>
  readonly stored: Pick<StoredBytes, 'take' | 'giveBack'>
  /** `done`: whether its client was still there. */
  deliver(asking: Asking, said: Said, done: (isTaken: boolean) => void): void
  /** Its client left before its origin had accepted it. */
  abandoned(): void
  /** Nobody needs it any more. */
  left(): void
}

/** Who does not poll for so long is gone, and so long polls are told how a session ended. */
const absentMs = 5_000
/** A poll is not left without a word for longer. */
const heartbeatMs = 25_000

export class PolledSession implements FramePeer {
  readonly #context: SessionContext
  #state: 'opening' | 'open' | 'closing' | 'ended' | 'over' = 'opening'
  #poll: Asking | undefined
  /** Answered, perhaps while its client left. */
  #lastPoll: Asking | undefined
  readonly #inbound: Inbound
  #handlers: FrameHandlers | undefined
  readonly #mailbox: Mailbox
  #owesDrained = false
  #isFlushing = false
  /** The last word to the client. */
  #close = ''
  #closeCode: number | undefined
  #timer: Timer | undefined

  constructor(context: SessionContext, opening: Asking) {
    this.#context = context
    this.#mailbox = new Mailbox(context.stored)
    this.#inbound = new Inbound({
      clock: context.clock,
      stored: context.stored,
      handlers: () => this.#handlers,
      taken: asking => context.deliver(asking, takenFor(asking.callback), () => {}),
    })
    this.#poll = opening
  }

  // Towards the client.

  /** Its origin accepted it. */
  accept(handlers: FrameHandlers): FramePeer {
    this.#handlers = handlers
    this.#state = 'open'
    this.#answer(opened)
    queueMicrotask(() => this.#inbound.feed())
    return this
  }

  refuse(said: Said): void {
    const poll = this.#poll
    this.#poll = undefined
    if (poll !== undefined) this.#context.deliver(poll, said, () => {})
    this.#over()
  }

  /** Undefined: the answer is delivered later. */
  poll(asking: Asking): Said | undefined {
    if (this.#state === 'ended') return frameFor(asking.callback, this.#close)
    if (this.#poll !== undefined) return frameFor(asking.callback, stillOpen)
    const frame = this.#takeFrame()
    if (frame === undefined) {
      this.#poll = asking
      this.#wait(heartbeatMs, () => this.#answer(heartbeat))
      return undefined
    }
    this.#answered(asking)
    queueMicrotask(() => this.#took())
    return frameFor(asking.callback, frame)
  }

  /** Undefined: it is answered when its origin took all. */
  send(asking: Asking, texts: readonly string[]): Said | undefined {
    if (this.#state === 'ended') return frameFor(asking.callback, this.#close)
    return this.#inbound.send(asking, texts)
  }

  /** The client of a request that waited, or was just answered, is gone. */
  forget(ticket: string): void {
    if (this.#lastPoll?.ticket === ticket) return this.#fail()
    if (this.#poll?.ticket !== ticket) return
    this.#poll = undefined
    if (this.#state !== 'open' && this.#state !== 'closing') return this.#fail()
    const handlers = this.#handlers
    this.#handlers = undefined
    this.#end(clientLeft)
    handlers?.gone()
  }

  awaits(ticket: string): boolean {
    return this.#poll?.ticket === ticket || this.#inbound.ticket === ticket
  }

  // Towards the origin.

  get waitingBytes(): number {
    return this.#mailbox.bytes
  }

  message(_kind: MessageKind, piece: Uint8Array, _isFirst = true, isLast = true): boolean {
    if (this.#state !== 'open') return true
    const outcome = this.#mailbox.add(piece, isLast)
    // Not inside of a call of the one who is told.
    if (outcome === 'full') queueMicrotask(() => this.#fail())
    else if (isLast) this.#flushSoon()
    if (outcome === 'behind') this.#owesDrained = true
    return outcome === 'taken'
  }

  raw(frames: Uint8Array): boolean {
    return writeEach(frames, this)
  }

  /** There are none in polls. */
  ping(): boolean {
    return true
  }

  pong(): boolean {
    return true
  }

  close(code?: number, reason: string | Uint8Array = ''): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    const words = Buffer.from(reason).toString()
    const isSaid = code !== undefined && words !== ''
    this.#close = closeFrame(code ?? 0, isSaid ? words : 'Connection closed')
    this.#closeCode = code
    this.#flushSoon()
  }

  end(): void {
    this.#handlers = undefined
    if (this.#state === 'closing') this.#flush()
    if (this.#state === 'closing') this.#end(this.#close)
    else if (this.#state !== 'ended') this.#over()
  }

  cut(): void {
    this.#handlers = undefined
    if (this.#state !== 'ended') this.#over()
  }

  pause(): void {
    this.#inbound.pause()
  }

  resume(): void {
    this.#inbound.resume()
  }

  /** What came in one turn is one answer. */
  #flushSoon(): void {
    if (this.#isFlushing || this.#poll === undefined) return
    this.#isFlushing = true
    queueMicrotask(() => {
      this.#isFlushing = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#poll === undefined) return
    const frame = this.#takeFrame()
    if (frame === undefined) return
    this.#answer(frame)
    this.#took()
  }

  /** Messages, or the end behind them. */
  #takeFrame(): string | undefined {
    if (this.#mailbox.hasMessages) return this.#mailbox.take()
    if (this.#state !== 'closing') return undefined
    this.#end(this.#close)
    return this.#close
  }

  /** Something is on its way to the client. */
  #took(): void {
    const handlers = this.#handlers
    if (this.#state === 'ended') {
      this.#handlers = undefined
      handlers?.closing(this.#closeCode, nothing)
    } else if (this.#owesDrained) {
      this.#owesDrained = false
      handlers?.drained()
    }
  }

  #answer(frame: string): void {
    const poll = this.#poll
    if (poll === undefined) return
    this.#answered(poll)
    this.#context.deliver(poll, frameFor(poll.callback, frame), isTaken => {
      if (!isTaken) this.#fail()
    })
  }

  /** The next poll comes soon, or never; the end has a time of its own. */
  #answered(poll: Asking): void {
    this.#poll = undefined
    this.#lastPoll = poll
    if (this.#state !== 'ended') this.#wait(absentMs, () => this.#fail())
  }

  /** The client is gone, or cannot be told everything: so it is told nothing more. */
  #fail(): void {
    if (this.#state === 'ended' || this.#state === 'over') return
    const handlers = this.#handlers
    if (this.#state === 'opening') this.#context.abandoned()
    this.#handlers = undefined
    this.#over()
    handlers?.gone()
  }

  /** Polls are told so, for a while. */
  #end(close: string): void {
    this.#state = 'ended'
    this.#close = close
    this.#drop()
    this.#wait(absentMs, () => this.#over())
  }

  #over(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#drop()
    const poll = this.#poll
    this.#poll = undefined
    if (poll !== undefined) this.#context.deliver(poll, refusals.over, () => {})
    this.#timer?.cancel()
    this.#context.left()
  }

  /** What would still be for the one or the other. */
  #drop(): void {
    const asking = this.#inbound.drop()
    if (asking !== undefined) this.#context.deliver(asking, refusals.over, () => {})
    this.#mailbox.drop()
  }

  #wait(ms: number, run: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#context.timers.once(ms, run)
  }
}

const nothing = Buffer.alloc(0)
