// One client of pushy: the request waits until the engine attached all its channels, then its response is held and
// carries events and heartbeats until its client leaves, the engine lets go of it, or its token expires.
import type { Engine } from '../../engine/engine.ts'
import type { Since } from '../../engine/position.ts'
import type { ChannelName, Position } from '../../engine/publication.ts'
import type { CloseReason } from '../../engine/refusal.ts'
import type { Batch, Format, Subscription } from '../../engine/subscriber.ts'
import { Wire } from '../../engine/wire.ts'
import type { HeldStream, StreamConsumer } from '../../net/held-stream.ts'
import type { Cadence, CadenceEntry } from '../../std/cadence.ts'
import type { Clock } from '../../std/clock.ts'
import type { Call } from './call.ts'
import { encodeComment, encodeEnd, encodeGap, encodePlace, encodeRetry, heartbeat } from './codec.ts'
import type { Expiries } from './expiries.ts'
import { pushySection } from './settings.ts'

const head = {
  'content-type': 'text/event-stream',
  // What compresses on the way would hold events back, and so would proxies of the nginx kind.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const

/** What a client is to get. */
export interface StreamPlan {
  /** One that is there twice gets each event twice. A pattern stands alone. */
  readonly channels: readonly ChannelName[]
  readonly isPattern: boolean
  readonly format: Format
  /** Event ids are positions, and the stream begins with one. */
  readonly hasPositions: boolean
  /** The client may be told more than messages. */
  readonly knowsEvents: boolean
  readonly since: Since | undefined
  /** It named a position that is none of ours. */
  readonly isLost: boolean
  /** First Unix second in which the token is expired. */
  readonly expires: number | undefined
}

/** What all streams of a worker share. */
export interface StreamDependencies {
  readonly engine: Engine
  readonly clock: Clock
  readonly cadence: Cadence<Stream>
  readonly expiries: Expiries<Stream>
  readonly counters: {
    /** Opening or open. */
    places: number
    streams: number
    streamsOpened: number
    streamsExpired: number
  }
  /** What the client of a stream that ends with the node is told to wait. */
  drainRetryMs(): number
}

export class Stream implements StreamConsumer {
  readonly wire = new Wire()
  readonly format: Format
  readonly #dependencies: StreamDependencies
  readonly #plan: StreamPlan
  /** Undefined once answered. */
  #call: Call | undefined
  #held: HeldStream | undefined
  readonly #subscriptions: Subscription[] = []
  #attached = 0
  #heartbeat: CadenceEntry<Stream> | undefined
  #expiresAt: number | undefined
  /** It counts as a place until it is over. */
  #over = false

  constructor(dependencies: StreamDependencies, call: Call, plan: StreamPlan) {
    this.#dependencies = dependencies
    this.#call = call
    this.#plan = plan
    this.format = plan.format
    dependencies.counters.places++
  }

  open(): void {
    const { engine, clock } = this.#dependencies
    const { channels, isPattern, since } = this.#plan
    // Between the check of its token and now its client may have left.
    if (this.#call?.exchange.pending !== true) return this.#leave()
    this.#call.exchange.onAborted(() => this.#leave())
    if (channels.length === 0) return this.#begin(undefined, false)
    // Nothing can be offered before the head, which waits for all of them.
    if (channels.length > 1) this.wire.blockedSince = clock.now()
    for (const channel of channels) {
      const options = { via: pushySection.name, since }
      const outcome = isPattern
        ? engine.subscribePattern(channel, this, options)
        : engine.subscribe(channel, this, options)
      if (outcome === 'draining') return this.close(outcome)
      if (typeof outcome === 'string') {
        this.#call?.refuse(outcome)
        return this.#leave()
      }
      this.#subscriptions.push(outcome)
    }
  }

  /** Nothing published after the client sees the head is missed: it is sent only when all are there. */
  attached(position: Position, gap: boolean): void {
    this.#attached++
    if (this.#attached < this.#plan.channels.length) return
    this.#begin(position, gap || this.#plan.isLost)
    if (this.#attached > 1) this.#dependencies.engine.drained(this)
  }

  #begin(position: Position | undefined, gap: boolean): void {
    const { cadence, counters, expiries } = this.#dependencies
    const call = this.#call
    this.#call = undefined
    const reply = { status: 200, headers: { ...head, ...call?.headers } }
    this.#held = call?.exchange.hold(reply, this.#opening(position, gap), this)
    if (this.#held === undefined) return this.#leave()
    counters.streams++
    counters.streamsOpened++
    this.#heartbeat = cadence.add(this)
    if (this.#plan.expires !== undefined) this.#expiresAt = expiries.add(this, this.#plan.expires)
  }

  #opening(position: Position | undefined, gap: boolean): Uint8Array {
    const { hasPositions } = this.#plan
    const place = hasPositions ? position : undefined
    if (gap) return this.#gapText(place)
    return place === undefined ? heartbeat : encodePlace(place)
  }

  #gapText(place: Position | undefined): Uint8Array {
    if (this.#plan.knowsEvents) return encodeGap(place)
    const comment = encodeComment('gap')
    return place === undefined ? comment : Buffer.concat([comment, encodePlace(place)])
  }

  /** A wire that is behind gets none: it would only keep a dead connection alive. */
  beat(): void {
    if (!this.wire.blocked) this.#write(heartbeat)
  }

  offer({ bytes }: Batch): boolean {
    return this.#held?.write(bytes) ?? true
  }

  /** A client of the first generation without positions learns it by the end of its stream. */
  gap(position: Position): boolean {
    const { hasPositions, knowsEvents } = this.#plan
    if (!hasPositions && !knowsEvents) return false
    this.#write(this.#gapText(hasPositions ? position : undefined))
    return true
  }

  expired(): void {
    this.#dependencies.counters.streamsExpired++
    this.#expiresAt = undefined
    this.#end(this.#plan.knowsEvents ? encodeEnd('token-expired') : encodeComment('token expired'))
  }

  /**
   * Also one that was not begun yet is ended as a stream: what ends it passes, and a browser's EventSource comes again
   * from a stream that ends, but never from a 503.
   */
  close(reason: CloseReason): void {
    if (this.#call !== undefined) {
      this.wire.drained()
      this.#begin(undefined, false)
    }
    if (this.#held === undefined) return this.#leave()
    // A slow one would not take an orderly end either.
    if (reason === 'slow') return this.#held.close()
    const retryMs = reason === 'draining' ? this.#dependencies.drainRetryMs() : undefined
    if (this.#plan.knowsEvents) this.#end(encodeEnd(reason, retryMs))
    else this.#end(retryMs === undefined ? undefined : encodeRetry(retryMs))
  }

  /** Nothing may be written to a wire that is behind; its client learns by the end alone. */
  #end(last: Uint8Array | undefined): void {
    if (last !== undefined && !this.wire.blocked) this.#write(last)
    this.#held?.end()
  }

  drained(): void {
    this.#dependencies.engine.drained(this)
  }

  progressed(): void {
    this.wire.progressed(this.#dependencies.clock)
  }

  closed(): void {
    const { cadence, counters, expiries } = this.#dependencies
    counters.streams--
    this.#held = undefined
    if (this.#heartbeat !== undefined) cadence.remove(this.#heartbeat)
    if (this.#expiresAt !== undefined) expiries.remove(this, this.#expiresAt)
    this.#leave()
  }

  /** Bytes between those of the engine. It offers no more while the wire did not take them. */
  #write(bytes: Uint8Array): void {
    this.wire.offered(bytes, this.#held?.write(bytes) ?? true, this.#dependencies.clock)
  }

  /** Whatever ended it: called more than once, it is over once. */
  #leave(): void {
    const { counters, engine } = this.#dependencies
    this.#call = undefined
    for (const subscription of this.#subscriptions.splice(0)) engine.unsubscribe(subscription)
    if (!this.#over) counters.places--
    this.#over = true
  }
}
