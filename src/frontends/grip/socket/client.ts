// The client's end of a session: frames leave in their order and never inside another message (contract §14, fault 7), and what
// the client sends is handed on. Pings are answered here (fault 19), and a flood of them does not fill memory.
import type { FrameHandlers, FramePeer, MessageKind } from '../../../net/gate/frame-peer.ts'
import type { SocketCounters } from './surroundings.ts'

/** What a session hears of its client. */
export interface ClientOwner {
  /** Each false: no more is read from the client until `resume`. */
  said(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean
  pinged(payload: Buffer): boolean
  ponged(payload: Buffer): boolean
  parting(code: number | undefined, reason: Buffer): void
  /** It takes more, or a message of the origin's is whole. */
  freed(): void
  /** Nothing reaches it any more. */
  left(): void
}

interface Waiting {
  /** A piece of what the origin says, which is in order by itself. */
  readonly isOrigin: boolean
  readonly run: () => void
}

/** Bytes of its origin's that may wait for the 101 before the origin has to. */
const earlyBytesMax = 1_000_000

export class Client implements FrameHandlers {
  readonly #counters: Pick<SocketCounters, 'pongsSkipped'>
  readonly #owner: ClientOwner
  /** Undefined until the 101 has left. */
  #peer: FramePeer | undefined
  /** Until then all of it; behind it, what must not be inside a message. */
  #waiting: Waiting[] | undefined
  #earlyBytes = 0
  /** A message of the origin's has begun and not ended. */
  #isInside = false
  #isBehind = false
  /** It took what waited amidst a message, and who waits for the end of that is to be told. */
  #owesFreed = false
  /** The last ping that came while the client was behind stands for all before it (RFC 6455 section 5.5.3). */
  #unanswered: Buffer | undefined

  constructor(counters: Pick<SocketCounters, 'pongsSkipped'>, owner: ClientOwner) {
    this.#counters = counters
    this.#owner = owner
  }

  /** The 101 has left. */
  open(peer: FramePeer): void {
    this.#peer = peer
    this.#release()
  }

  /** It has not taken all that it was sent. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** What is no part of the origin's message has to wait. */
  get mustWait(): boolean {
    return this.#peer === undefined || this.#isInside
  }

  /** A piece of an origin's message. False: the client is behind. */
  pass(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean {
    const peer = this.#peer
    if (peer === undefined) return this.#early(piece, () => void this.pass(kind, piece, isFirst, isLast))
    this.#isInside = !isLast
    const isTaken = this.#took(peer.message(kind, piece, isFirst, isLast))
    if (isLast && (this.#waiting !== undefined || this.#owesFreed)) this.#release()
    return isTaken
  }

  passPing(payload: Buffer): boolean {
    const peer = this.#peer
    if (peer !== undefined) return this.#took(peer.ping(payload))
    return this.#early(payload, () => void this.passPing(payload))
  }

  passPong(payload: Buffer): boolean {
    const peer = this.#peer
    if (peer !== undefined) return this.#took(peer.pong(payload))
    return this.#early(payload, () => void this.passPong(payload))
  }

  /** Ready frames, not where it `mustWait`. They may be shared. False: the client is behind. */
  send(frames: Uint8Array): boolean {
    return this.#peer === undefined || this.#took(this.#peer.raw(frames))
  }

  /** Runs it at once, or when it has not to wait any more. */
  inTurn(run: () => void): void {
    if (this.mustWait) this.#wait({ isOrigin: false, run })
    else run()
  }

  /** What waits is not sent any more. */
  close(code: number, reason: string | Uint8Array): void {
    this.#waiting = undefined
    this.#unanswered = undefined
    this.#peer?.close(code, reason)
    // What it says to that is awaited.
    this.#peer?.resume()
  }

  end(): void {
    this.#waiting = undefined
    this.#peer?.end()
  }

  cut(): void {
    this.#waiting = undefined
    this.#peer?.cut()
  }

  resume(): void {
    this.#peer?.resume()
  }

  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): void {
    this.#heard(this.#owner.said(kind, piece, isFirst, isLast))
  }

  ping(payload: Buffer): void {
    if (this.#isBehind) {
      if (this.#unanswered !== undefined) this.#counters.pongsSkipped++
      this.#unanswered = payload
    } else if (this.#peer !== undefined) this.#took(this.#peer.pong(payload))
    this.#heard(this.#owner.pinged(payload))
  }

  pong(payload: Buffer): void {
    this.#heard(this.#owner.ponged(payload))
  }

  closing(code: number | undefined, reason: Buffer): void {
    this.#owner.parting(code, reason)
  }

  drained(): void {
    this.#isBehind = false
    const payload = this.#unanswered
    this.#unanswered = undefined
    if (payload !== undefined && this.#peer !== undefined) this.#took(this.#peer.pong(payload))
    if (this.#isBehind) return
    this.#owesFreed = this.#isInside
    this.#owner.freed()
  }

  gone(): void {
    this.#owner.left()
  }

  #heard(isTaken: boolean): void {
    if (!isTaken) this.#peer?.pause()
  }

  #took(isTaken: boolean): boolean {
    if (!isTaken) this.#isBehind = true
    return isTaken
  }

  #early(bytes: Uint8Array, run: () => void): boolean {
    this.#wait({ isOrigin: true, run })
    this.#earlyBytes += bytes.length
    return this.#earlyBytes <= earlyBytesMax
  }

  #wait(entry: Waiting): void {
    this.#waiting ??= []
    this.#waiting.push(entry)
  }

  /** A message of the origin's may begin among what waited for the 101. */
  #release(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    this.#owesFreed = false
    for (const { isOrigin, run } of waiting) {
      if (isOrigin) run()
      else this.inTurn(run)
    }
    if (!this.#isBehind) this.#owner.freed()
  }
}
