// One subscriber of the API: the request waits until the engine attached it, then its response is held and carries
// server-sent events. Every event that moves the client has the position as its id, so that a browser resumes there.
import type { Engine } from '../engine/engine.ts'
import { formatPosition, type Since } from '../engine/position.ts'
import type { ChannelName, Position } from '../engine/publication.ts'
import type { CloseReason } from '../engine/refusal.ts'
import type { Batch, Format, Subscriber, Subscription } from '../engine/subscriber.ts'
import { Wire } from '../engine/wire.ts'
import type { HeldStream, StreamConsumer } from '../net/held-stream.ts'
import type { Cadence, CadenceEntry } from '../std/cadence.ts'
import type { Clock } from '../std/clock.ts'
import type { Call } from './call.ts'
import { memberOf } from './content.ts'
import { adminSection } from './settings.ts'

/** What all followers of a worker share. */
export interface FollowerDependencies {
  readonly engine: Engine
  readonly clock: Clock
  readonly cadence: Cadence<Follower>
  readonly counters: { streams: number; streamsOpened: number }
}

const headers = {
  'content-type': 'text/event-stream',
  // What compresses on the way would hold events back, and so would proxies of the nginx kind.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

const heartbeat = Buffer.from(':\n\n')

export class Follower implements Subscriber, StreamConsumer {
  readonly wire = new Wire()
  readonly format = format
  readonly #dependencies: FollowerDependencies
  /** Undefined once answered. */
  #call: Call | undefined
  #held: HeldStream | undefined
  #subscription: Subscription | undefined
  #beats: CadenceEntry<Follower> | undefined

  constructor(dependencies: FollowerDependencies, call: Call) {
    this.#dependencies = dependencies
    this.#call = call
  }

  open(channel: ChannelName, since: Since | undefined): void {
    this.#call?.exchange.onAborted(() => this.#leave())
    const outcome = this.#dependencies.engine.subscribe(channel, this, { via: adminSection.name, since })
    if (typeof outcome === 'string') this.#call?.refuse(outcome)
    else this.#subscription = outcome
  }

  /** Nothing published after the client sees the head is missed: it is sent only now. */
  attached(position: Position, gap: boolean): void {
    const call = this.#call
    this.#call = undefined
    if (call === undefined) return
    const first = eventOf('open', { position: formatPosition(position), gap }, position)
    this.#held = call.exchange.hold({ status: 200, headers: { ...call.headers, ...headers } }, first, this)
    if (this.#held === undefined) return
    const { cadence, counters } = this.#dependencies
    counters.streams++
    counters.streamsOpened++
    this.#beats = cadence.add(this)
  }

  /** A wire that is behind gets none: it would only keep a dead connection alive. */
  beat(): void {
    if (!this.wire.blocked) this.#write(heartbeat)
  }

  offer({ bytes }: Batch): boolean {
    return this.#held?.write(bytes) ?? true
  }

  gap(position: Position): true {
    this.#write(eventOf('gap', { position: formatPosition(position) }, position))
    return true
  }

  close(reason: CloseReason): void {
    this.#subscription = undefined
    this.#call?.refuse(reason === 'draining' ? 'draining' : 'owner-lost')
    this.#call = undefined
    // A slow one would not take an orderly end either.
    if (reason === 'slow') return this.#held?.close()
    // Nothing may be written to a wire that is behind; it learns by the end alone.
    if (!this.wire.blocked) this.#write(eventOf('end', { reason }))
    this.#held?.end()
  }

  drained(): void {
    this.#dependencies.engine.drained(this)
  }

  progressed(): void {
    this.wire.progressed(this.#dependencies.clock)
  }

  closed(): void {
    const { cadence, counters } = this.#dependencies
    counters.streams--
    if (this.#beats !== undefined) cadence.remove(this.#beats)
    this.#leave()
  }

  /** Bytes between those of the engine. It offers no more while the wire did not take them. */
  #write(bytes: Uint8Array): void {
    this.wire.offered(bytes, this.#held?.write(bytes) ?? true, this.#dependencies.clock)
  }

  #leave(): void {
    if (this.#subscription !== undefined) this.#dependencies.engine.unsubscribe(this.#subscription)
    this.#subscription = undefined
  }
}

const format: Format = {
  id: adminSection.name,
  encode: ({ offset, content }, epoch) =>
    Buffer.from(`id: ${formatPosition({ epoch, offset })}\ndata: {${memberOf(content)}}\n\n`),
}

/** Without a position the client stays where it was. */
function eventOf(name: string, data: object, position?: Position): Uint8Array {
  const id = position === undefined ? '' : `id: ${formatPosition(position)}\n`
  return Buffer.from(`event: ${name}\n${id}data: ${JSON.stringify(data)}\n\n`)
}
