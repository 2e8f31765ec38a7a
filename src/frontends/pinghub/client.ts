// One WebSocket of Pinghub: the handshake waits until the engine attached its subscriber, so that nothing published
// after the 101 is missed; then messages go both ways until the client leaves, stays silent, or is let go of.
import { isUtf8 } from 'node:buffer'
import type { Engine } from '../../engine/engine.ts'
import type { ChannelName, Position } from '../../engine/publication.ts'
import type { CloseReason, Refusal } from '../../engine/refusal.ts'
import type { Batch, Subscriber, Subscription } from '../../engine/subscriber.ts'
import { Wire } from '../../engine/wire.ts'
import type { Exchange } from '../../net/exchange.ts'
import type { PayloadKind, Socket, SocketConsumer } from '../../net/socket.ts'
import type { Cadence, CadenceEntry } from '../../std/cadence.ts'
import type { Clock } from '../../std/clock.ts'
import { contentOf, encodeNotice, format, type Resume } from './codec.ts'
import type { Refusals } from './refusals.ts'
import { pinghubSection } from './settings.ts'

/** RFC 6455 section 7.4.1, and the registry of close codes. The original sends no code to those it drops. */
const codes = { away: 1001, notUtf8: 1007, tryAgain: 1013, none: 1005 } as const

/** What all clients of a worker share. */
export interface ClientDependencies {
  readonly engine: Engine
  readonly clock: Clock
  readonly pings: Cadence<Client>
  readonly deadlines: Cadence<Client>
  readonly refusals: Refusals
  /** Sockets by channel, for the metrics port. */
  readonly channels: Map<string, number>
  readonly counters: {
    /** Opening or open. */
    places: number
    sockets: number
    socketsOpened: number
    socketMessages: number
    messagesSent: number
    pongsMissed: number
  }
  /** Milliseconds, as set now. */
  writeMs(): number
  /** Whether messages from clients are published, as set now. */
  socketsPublish(): boolean
}

export class Client implements Subscriber, SocketConsumer {
  readonly format = format
  readonly wire = new Wire({ copies: true })
  readonly #dependencies: ClientDependencies
  readonly #request: Exchange
  readonly #channel: ChannelName
  readonly #optedIn: boolean
  #socket: Socket | undefined
  #subscription: Subscription | undefined
  #ping: CadenceEntry<Client> | undefined
  #deadline: CadenceEntry<Client> | undefined
  /** The deadline passed, and no pong is being read. */
  #overdue = false
  /** A ping that could not be seen then leaves when the client has caught up. */
  #pingOwed = false
  /** It counts as a place until it is over. */
  #over = false

  /** `optedIn`: the client wants positions. */
  constructor(dependencies: ClientDependencies, request: Exchange, channel: ChannelName, optedIn: boolean) {
    this.#dependencies = dependencies
    this.#request = request
    this.#channel = channel
    this.#optedIn = optedIn
    dependencies.counters.places++
  }

  open(resume: Resume | undefined): void {
    this.#request.onAborted(() => this.#leave())
    const options = { via: pinghubSection.name, since: resume?.since }
    const outcome = this.#dependencies.engine.subscribe(this.#channel, this, options)
    if (typeof outcome !== 'string') {
      this.#subscription = outcome
      return
    }
    this.#refuse(outcome)
    this.#leave()
  }

  attached(position: Position, gap: boolean): void {
    const { channels, counters, deadlines, pings } = this.#dependencies
    this.#socket = this.#request.upgrade(this)
    if (this.#socket === undefined) return
    counters.sockets++
    counters.socketsOpened++
    channels.set(this.#channel, (channels.get(this.#channel) ?? 0) + 1)
    this.#ping = pings.add(this)
    this.#deadline = deadlines.add(this)
    if (this.#optedIn) this.#send(encodeNotice(position, gap), 'binary')
  }

  offer({ frames: messages }: Batch): boolean {
    const { counters } = this.#dependencies
    counters.messagesSent += messages.length
    const [only] = messages
    if (messages.length === 1 && only !== undefined) return this.#socket?.send(only, 'text') ?? true
    return this.#socket?.sendAll(messages, 'text') ?? true
  }

  /** Only a client that opted in can be told; for the others no message would mean it. */
  gap(position: Position): boolean {
    if (this.#optedIn) this.#send(encodeNotice(position, true), 'binary')
    return this.#optedIn
  }

  close(reason: CloseReason): void {
    this.#subscription = undefined
    if (this.#request.pending) this.#refuse(reason === 'draining' ? 'draining' : 'owner-lost')
    if (this.#socket === undefined) return this.#leave()
    if (reason === 'slow') return this.#closeSlow(this.#socket)
    this.#socket.close(reason === 'draining' ? codes.away : codes.tryAgain)
  }

  /** What it was given may still leave, in time; then comes a frame without a code. */
  #closeSlow(socket: Socket): void {
    const { clock } = this.#dependencies
    const sinceMs = this.wire.blockedSince ?? clock.now()
    const withinMs = sinceMs + this.#dependencies.writeMs() - clock.now()
    socket.close(codes.none, '', Math.max(0, withinMs))
  }

  message(bytes: Uint8Array, kind: PayloadKind): void {
    const { counters, engine, refusals } = this.#dependencies
    if (bytes.length === 0) {
      // Not to be taken for a publication by a client that counts those.
      if (!this.#optedIn) counters.messagesSent++
      return this.#send('', this.#optedIn ? 'binary' : 'text')
    }
    counters.socketMessages++
    if (kind === 'binary' && !isUtf8(bytes)) return this.#socket?.close(codes.notUtf8)
    // As where a list closes the channel: it is not heard, and stays.
    if (!this.#dependencies.socketsPublish()) {
      return refusals.refuseMessage(this.#request, 'sockets-read-only', this.#channel)
    }
    const draft = { channel: this.#channel, content: contentOf(bytes), via: pinghubSection.name }
    engine.publish(draft, outcome => {
      if (typeof outcome !== 'string') return
      refusals.refuseMessage(this.#request, outcome, this.#channel)
      // Whoever may not publish is not heard, as for most of the original's years; what should have gone through is told.
      if (outcome !== 'not-allowed') this.#socket?.close(outcome === 'draining' ? codes.away : codes.tryAgain)
    })
  }

  drained(): void {
    this.#live()
    this.#dependencies.engine.drained(this)
    if (!this.#pingOwed || this.wire.blocked) return
    this.#pingOwed = false
    this.#socket?.ping()
  }

  progressed(): void {
    this.#live()
    this.wire.progressed(this.#dependencies.clock)
  }

  pong(): void {
    this.#live()
  }

  /** Whoever answers, or takes what it is sent and sees no ping meanwhile, has another period. */
  #live(): void {
    const { deadlines } = this.#dependencies
    if (this.#deadline === undefined) return
    this.#overdue = false
    deadlines.remove(this.#deadline)
    this.#deadline = deadlines.add(this)
  }

  closed(): void {
    const { channels, counters, deadlines, pings } = this.#dependencies
    counters.sockets--
    const left = (channels.get(this.#channel) ?? 1) - 1
    if (left === 0) channels.delete(this.#channel)
    else channels.set(this.#channel, left)
    if (this.#ping !== undefined) pings.remove(this.#ping)
    if (this.#deadline !== undefined) deadlines.remove(this.#deadline)
    this.#deadline = undefined
    this.#socket = undefined
    this.#leave()
  }

  /** Once a period, whatever the traffic: some clients leave when they see none. */
  beat(): void {
    if (this.wire.blocked) this.#pingOwed = true
    else this.#socket?.ping()
  }

  /** No pong came in time. One that came while the thread was busy is read within this turn. */
  expire(): void {
    const { clock, counters } = this.#dependencies
    this.#overdue = true
    clock.endOfTurn(() => {
      if (!this.#overdue || this.#socket === undefined) return
      counters.pongsMissed++
      this.#socket.terminate()
    })
  }

  /** Between the messages of the engine, which offers no more while the wire did not take this. */
  #send(message: Uint8Array | string, kind: PayloadKind): void {
    const bytes = typeof message === 'string' ? Buffer.from(message) : message
    this.wire.offered(bytes, this.#socket?.send(message, kind) ?? true, this.#dependencies.clock)
  }

  /** Whatever ended it: called more than once, it is over once. */
  #leave(): void {
    const { counters, engine } = this.#dependencies
    if (this.#subscription !== undefined) engine.unsubscribe(this.#subscription)
    this.#subscription = undefined
    if (!this.#over) counters.places--
    this.#over = true
  }

  #refuse(reason: Refusal): void {
    this.#dependencies.refusals.refuseHandshake(this.#request, reason, this.#channel)
  }
}
