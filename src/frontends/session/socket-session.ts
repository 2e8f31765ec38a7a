// One client whose request becomes a WebSocket: the handshake waits until the engine attached all its subscriptions, so
// that nothing published after the 101 is missed; then messages go both ways until the client leaves, stays silent, or
// is let go of. What stands on the wire, and what a client's message means, is a table of the front-end's.

import type { Batch, Format, Subscriber } from '../../engine/reader/subscriber.ts'
import { Wire } from '../../engine/reader/wire.ts'
import type { Position } from '../../engine/words/position.ts'
import type { CloseReason } from '../../engine/words/refusal.ts'
import type { PayloadKind, SocketConsumer } from '../../net/socket.ts'
import type { Cadence, CadenceEntry } from '../../std/cadence.ts'
import type { Admission } from './admission.ts'
import { closeReason } from './coming-back.ts'
import {
  type Interest,
  type InterestContext,
  type PendingRequest,
  refusePending,
  type SocketEnd,
  subscribeAll,
} from './interest.ts'

export interface Payload {
  readonly bytes: Uint8Array
  readonly kind: PayloadKind
}

/** What all sockets of one front-end in one worker share. `Client` is what it keeps of one client. */
export interface SocketKind<Client> extends InterestContext {
  /** Serves `beat`. */
  readonly pings: Cadence<SocketSession<Client>>
  /** Serves `expire`. */
  readonly deadlines: Cadence<SocketSession<Client>>
  /** Where a client takes a place before its session is made; the session gives it back. */
  readonly admission: Admission
  readonly counters: { sockets: number; socketsOpened: number; pongsMissed: number; messagesSent: number }
  /** Of the messages that carry frames. */
  readonly frameKind: PayloadKind
  /** Whether a frame is a message of the other kind; undefined: none is. */
  isNotice?(frame: Uint8Array): boolean
  /** The first message, where there is one. */
  first?(client: Client, position: Position | undefined, gap: boolean): Payload | undefined
  /** Undefined: the wire cannot say it. */
  gap(client: Client, position: Position): Payload | undefined
  /** The code of the close frame (RFC 6455 section 7.4.1). */
  codeOf(reason: CloseReason): number
  /** Milliseconds in which what a slow client was sent may still leave, counted from when it took something last. */
  slowMs(): number
  message(session: SocketSession<Client>, payload: Payload): void
  /** The 101 left. */
  opened?(client: Client): void
  /** An open socket is over. */
  closed?(client: Client): void
}

export class SocketSession<Client> implements Subscriber, SocketConsumer {
  readonly wire = new Wire({ copies: true })
  readonly format: Format
  readonly client: Client
  readonly #kind: SocketKind<Client>
  /** Undefined once answered. */
  #request: PendingRequest | undefined
  #socket: SocketEnd | undefined
  /** Subscriptions that are not attached yet. */
  #awaited = 0
  #ping: CadenceEntry<SocketSession<Client>> | undefined
  #deadline: CadenceEntry<SocketSession<Client>> | undefined
  /** The deadline passed, and no pong is being read. */
  #overdue = false
  /** A ping that could not be seen then leaves when the client has caught up. */
  #pingOwed = false
  /** Its place is given back once. */
  #over = false

  constructor(kind: SocketKind<Client>, request: PendingRequest, format: Format, client: Client) {
    this.#kind = kind
    this.#request = request
    this.format = format
    this.client = client
  }

  open(interest: Interest): void {
    const exchange = this.#request?.exchange
    // Between its request and now its client may have left.
    if (exchange?.pending !== true) return this.#leave()
    exchange.onAborted(() => this.#leave())
    this.#awaited = interest.channels.length
    if (this.#awaited === 0) return this.#begin(undefined, false)
    const refusal = subscribeAll(this, this.#kind, interest)
    if (refusal === undefined) return
    if (refusal === 'draining') return this.close(refusal, '', this.#kind.engine.returns.next('others'))
    this.#request?.refuse(refusal)
    this.#leave()
  }

  attached(position: Position, gap: boolean): void {
    this.#awaited--
    if (this.#awaited === 0) this.#begin(position, gap)
  }

  #begin(position: Position | undefined, gap: boolean): void {
    const kind = this.#kind
    const request = this.#request
    this.#request = undefined
    if (request === undefined) return
    this.#socket = request.exchange.upgrade(this)
    if (this.#socket === undefined) return this.#leave()
    kind.counters.sockets++
    kind.counters.socketsOpened++
    this.#ping = kind.pings.add(this)
    this.#deadline = kind.deadlines.add(this)
    kind.opened?.(this.client)
    const first = kind.first?.(this.client, position, gap)
    // It was held up for the last of several subscriptions.
    if (this.wire.blocked) kind.engine.drained(this)
    if (first !== undefined) this.send(first)
  }

  offer({ frames }: Batch): boolean {
    const { counters, frameKind, isNotice } = this.#kind
    counters.messagesSent += frames.length
    if (isNotice !== undefined && frames.some(isNotice)) return this.#offerMixed(frames, isNotice)
    const [only] = frames
    if (frames.length === 1 && only !== undefined) return this.#socket?.send(only, frameKind) ?? true
    return this.#socket?.sendAll(frames, frameKind) ?? true
  }

  #offerMixed(frames: readonly Uint8Array[], isNotice: (frame: Uint8Array) => boolean): boolean {
    const { frameKind } = this.#kind
    const other = frameKind === 'text' ? 'binary' : 'text'
    let takes = true
    for (const frame of frames) takes = this.#socket?.send(frame, isNotice(frame) ? other : frameKind) ?? true
    return takes
  }

  gap(position: Position): boolean {
    const message = this.#kind.gap(this.client, position)
    if (message !== undefined) this.send(message)
    return message !== undefined
  }

  /** Between the messages of the engine, which offers no more while the wire did not take this. */
  send({ bytes, kind }: Payload): void {
    this.wire.offered(bytes, this.#socket?.send(bytes, kind) ?? true, this.#kind.clock)
  }

  close(reason: CloseReason, _channel: string, returnMs?: number): void {
    refusePending(this.#request, reason, returnMs)
    if (this.#socket === undefined) return this.#leave()
    if (reason === 'slow') return this.#closeSlow(this.#socket)
    this.end(this.#kind.codeOf(reason), returnMs)
  }

  /** Ends the connection with a close frame of that code. `returnMs`: when its client is to come back, where the node stops. */
  end(code: number, returnMs?: number): void {
    this.#socket?.close(code, closeReason(returnMs))
  }

  /** What it was given may still leave, in time. */
  #closeSlow(socket: SocketEnd): void {
    const { clock, codeOf, slowMs } = this.#kind
    const sinceMs = this.wire.blockedSince ?? clock.now()
    const withinMs = sinceMs + slowMs() - clock.now()
    socket.close(codeOf('slow'), '', Math.max(0, withinMs))
  }

  message(bytes: Uint8Array, kind: PayloadKind): void {
    this.#kind.message(this, { bytes, kind })
  }

  drained(): void {
    this.#live()
    this.#kind.engine.drained(this)
    if (!this.#pingOwed || this.wire.blocked) return
    this.#pingOwed = false
    this.#socket?.ping()
  }

  progressed(): void {
    this.#live()
    this.wire.progressed(this.#kind.clock)
  }

  pong(): void {
    this.#live()
  }

  /** Whoever answers, or takes what it is sent and sees no ping meanwhile, has another period. */
  #live(): void {
    const { deadlines } = this.#kind
    if (this.#deadline === undefined) return
    this.#overdue = false
    deadlines.remove(this.#deadline)
    this.#deadline = deadlines.add(this)
  }

  /** Once a period, whatever the traffic: some clients leave when they see none. */
  beat(): void {
    if (this.wire.blocked) this.#pingOwed = true
    else this.#socket?.ping()
  }

  /** No pong came in time. One that came while the thread was busy is read within this turn. */
  expire(): void {
    const { clock, counters } = this.#kind
    this.#overdue = true
    clock.endOfTurn(() => {
      if (!this.#overdue || this.#socket === undefined) return
      counters.pongsMissed++
      this.#socket.terminate()
    })
  }

  closed(): void {
    const { counters, deadlines, pings } = this.#kind
    counters.sockets--
    if (this.#ping !== undefined) pings.remove(this.#ping)
    if (this.#deadline !== undefined) deadlines.remove(this.#deadline)
    this.#deadline = undefined
    this.#socket = undefined
    this.#kind.closed?.(this.client)
    this.#leave()
  }

  /** Whatever ended it: called more than once, it is over once. */
  #leave(): void {
    this.#request = undefined
    this.#kind.engine.leave(this)
    if (!this.#over) this.#kind.admission.leave()
    this.#over = true
  }
}
