// One client whose response is held: the request waits until the engine attached all its subscriptions, then its
// response carries frames and heartbeats until its client leaves, the engine lets go of it, or its front-end ends it.
// What stands on the wire, and what a front-end keeps of its client, is a table of the front-end's.

import type { Batch, Format, Subscriber } from '../../engine/reader/subscriber.ts'
import { Wire } from '../../engine/reader/wire.ts'
import type { Position } from '../../engine/words/position.ts'
import type { ChannelName } from '../../engine/words/publication.ts'
import type { CloseReason } from '../../engine/words/refusal.ts'
import type { StreamConsumer } from '../../net/held-stream.ts'
import type { Reply } from '../../net/reply.ts'
import type { Cadence, CadenceEntry } from '../../std/cadence.ts'
import type { Admission } from './admission.ts'
import {
  type Answerable,
  type Interest,
  type InterestContext,
  type PendingRequest,
  refusePending,
  type StreamEnd,
  subscribeAll,
} from './interest.ts'

/** What all streams of one front-end in one worker share. `Client` is what it keeps of one client. */
export interface StreamKind<Client, Request extends PendingRequest = PendingRequest> extends InterestContext {
  /** Serves `beat`. */
  readonly cadence: Cadence<StreamSession<Client, Request>>
  /** Where a client takes a place before its session is made; the session gives it back. */
  readonly admission?: Admission
  readonly counters: { streams: number; streamsOpened: number }
  readonly heartbeat: Uint8Array
  head(request: Request, client: Client): Reply
  /** The first bytes, never none: the head leaves with them. Without channels there is no position. */
  first(client: Client, position: Position | undefined, gap: boolean): Uint8Array
  /** Undefined: the wire cannot say it. */
  gap(client: Client, position: Position): Uint8Array | undefined
  /** Nothing is missing, but what comes next is in another numbering; left out, or undefined: that is nothing to its wire. */
  renumbered?(client: Client, position: Position): Uint8Array | undefined
  /** The last bytes of a stream that the engine lets go of, where its wire has some. `returnMs`: as of `Subscriber.close`. */
  last?(client: Client, reason: CloseReason, returnMs?: number): Uint8Array | undefined
  /**
   * What the engine lets go of before it was begun is ended as a stream, not refused: what ends it passes, and a browser's
   * EventSource comes again from a stream that ends, but never from a 503.
   */
  readonly endsAsStream?: true
  /** The head and the first bytes left. */
  opened?(session: StreamSession<Client, Request>, channels: readonly ChannelName[]): void
  /** Called once a period. False: the stream was ended. */
  beats?(session: StreamSession<Client, Request>): boolean
  /** The engine let go of it. */
  dropped?(client: Client, reason: CloseReason): void
  /** An open stream is over. */
  closed?(session: StreamSession<Client, Request>): void
}

const eventStream = 'text/event-stream'
/** A change of the nodes and of the proxies in front of them takes some such times. */
const againMs = 3_000
const none: readonly ChannelName[] = []

export class StreamSession<Client, Request extends PendingRequest = PendingRequest>
  implements Subscriber, StreamConsumer
{
  readonly wire = new Wire()
  readonly format: Format
  readonly client: Client
  readonly #kind: StreamKind<Client, Request>
  /** Undefined once answered. */
  #request: Request | undefined
  #held: StreamEnd | undefined
  #heartbeat: CadenceEntry<StreamSession<Client, Request>> | undefined
  /** Until it is open. */
  #channels: readonly ChannelName[] = none
  #attached = 0
  /** Its place is given back once. */
  #over = false

  constructor(kind: StreamKind<Client, Request>, request: Request, format: Format, client: Client) {
    this.#kind = kind
    this.#request = request
    this.format = format
    this.client = client
  }

  open(interest: Interest): void {
    const { channels } = interest
    const exchange = this.#request?.exchange
    // Between its request and now its client may have left.
    if (exchange?.pending !== true) return this.#leave()
    exchange.onAborted(() => this.#leave())
    this.#channels = channels
    if (channels.length === 0) return this.#begin(undefined, false)
    const refusal = subscribeAll(this, this.#kind, interest)
    if (refusal === undefined) return
    if (refusal === 'draining') return this.close(refusal, '', this.#kind.engine.returns.next('others'))
    if (refusal !== 'elsewhere' || !this.#sendAway(exchange)) this.#request?.refuse(refusal)
    this.#leave()
  }

  /**
   * While nodes change who owns what, a stream of events is answered, and ends: a browser's EventSource comes again from that,
   * to the right node then, and never from a refusal. False: it is refused.
   */
  #sendAway(exchange: Answerable): boolean {
    const kind = this.#kind
    if (this.#request === undefined || !kind.engine.isMoving) return false
    const reply = kind.head(this.#request, this.client)
    const isOfEvents = [reply.headers?.['content-type'], exchange.header('accept')].every(type =>
      type?.includes(eventStream),
    )
    if (isOfEvents) exchange.reply({ ...reply, body: `retry: ${againMs}\n\n` })
    return isOfEvents
  }

  /** Nothing published after the client sees the head is missed: it is sent only when all are there. */
  attached(position: Position, gap: boolean): void {
    this.#attached++
    if (this.#attached < this.#channels.length) return
    this.#begin(position, gap)
    if (this.#attached > 1) this.#kind.engine.drained(this)
  }

  #begin(position: Position | undefined, gap: boolean): void {
    const kind = this.#kind
    const request = this.#request
    const channels = this.#channels
    this.#request = undefined
    this.#channels = none
    if (request === undefined) return
    const first = kind.first(this.client, position, gap)
    this.#held = request.exchange.hold(kind.head(request, this.client), first, this)
    if (this.#held === undefined) return this.#leave()
    kind.counters.streams++
    kind.counters.streamsOpened++
    this.#heartbeat = kind.cadence.add(this)
    kind.opened?.(this, channels)
  }

  /** A wire that is behind gets none: it would only keep a dead connection alive. */
  beat(): void {
    if (this.#kind.beats?.(this) === false) return
    if (!this.wire.blocked) this.#write(this.#kind.heartbeat)
  }

  offer({ bytes }: Batch): boolean {
    return this.#held?.write(bytes) ?? true
  }

  gap(position: Position): boolean {
    const bytes = this.#kind.gap(this.client, position)
    if (bytes !== undefined) this.#write(bytes)
    return bytes !== undefined
  }

  renumbered(position: Position): boolean {
    const bytes = this.#kind.renumbered?.(this.client, position)
    if (bytes === undefined) return true
    if (this.wire.blocked) return false
    this.#write(bytes)
    return true
  }

  close(reason: CloseReason, _channel: string, returnMs?: number): void {
    const kind = this.#kind
    kind.dropped?.(this.client, reason)
    if (kind.endsAsStream && this.#request !== undefined) {
      this.wire.drained()
      this.#begin(undefined, false)
    }
    refusePending(this.#request, reason, returnMs)
    if (this.#held === undefined) return this.#leave()
    // A slow one would not take an orderly end either.
    if (reason === 'slow') this.#held.close()
    else this.end(kind.last?.(this.client, reason, returnMs))
  }

  /** Nothing may be written to a wire that is behind; its client learns by the end alone. */
  end(last?: Uint8Array): void {
    if (last !== undefined && !this.wire.blocked) this.#write(last)
    this.#held?.end()
  }

  drained(): void {
    this.#kind.engine.drained(this)
  }

  progressed(): void {
    this.wire.progressed(this.#kind.clock)
  }

  closed(): void {
    const { cadence, counters } = this.#kind
    counters.streams--
    this.#held = undefined
    if (this.#heartbeat !== undefined) cadence.remove(this.#heartbeat)
    this.#kind.closed?.(this)
    this.#leave()
  }

  /** Bytes between those of the engine. It offers no more while the wire did not take them. */
  #write(bytes: Uint8Array): void {
    this.wire.offered(bytes, this.#held?.write(bytes) ?? true, this.#kind.clock)
  }

  /** Whatever ended it: called more than once, it is over once. */
  #leave(): void {
    this.#request = undefined
    this.#kind.engine.leave(this)
    if (!this.#over) this.#kind.admission?.leave()
    this.#over = true
  }
}
