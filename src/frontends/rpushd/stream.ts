// One subscriber of rpushd: the request waits until the engine attached it, then its response is held and carries
// frames and heartbeats until its client leaves, the engine lets go of it, it is too old, or a message does not fit.
import type { Engine } from '../../engine/engine.ts'
import type { Since } from '../../engine/position.ts'
import type { ChannelName, Position } from '../../engine/publication.ts'
import type { CloseReason } from '../../engine/refusal.ts'
import type { Batch, Format, Subscriber, Subscription } from '../../engine/subscriber.ts'
import { Wire } from '../../engine/wire.ts'
import type { Exchange } from '../../net/exchange.ts'
import type { HeldStream, StreamConsumer } from '../../net/held-stream.ts'
import type { Cadence, CadenceEntry } from '../../std/cadence.ts'
import type { Clock } from '../../std/clock.ts'
import type { ChannelTable, ChannelUse } from './channel-table.ts'
import { encodePositionFrame, heartbeatFrame } from './codec.ts'
import type { Formats } from './format.ts'
import { noStore } from './headers.ts'
import type { Reason, Refusals } from './refusals.ts'
import { rpushdSection } from './settings.ts'

const head = {
  status: 200,
  headers: {
    'content-type': 'application/octet-stream',
    ...noStore,
    'x-content-type-options': 'nosniff',
  },
}

/** The original's first tick comes at once, behind the frame that it opens with: clients see two. */
const opening = Buffer.concat([heartbeatFrame, heartbeatFrame])

/** What all streams of a worker share. */
export interface StreamDependencies {
  readonly engine: Engine
  readonly clock: Clock
  readonly cadence: Cadence<Stream>
  readonly formats: Formats
  readonly channels: ChannelTable
  readonly refusals: Refusals
  readonly counters: {
    /** Opening or open. */
    places: number
    streams: number
    streamsOpened: number
    streamsExpired: number
    streamsOmitted: number
  }
  /** Milliseconds, as set now; 0: streams do not age. */
  ageMsMax(): number
}

export class Stream implements Subscriber, StreamConsumer {
  readonly format: Format
  readonly wire = new Wire()
  readonly #dependencies: StreamDependencies
  /** Undefined once answered. */
  #exchange: Exchange | undefined
  #held: HeldStream | undefined
  #subscription: Subscription | undefined
  #heartbeat: CadenceEntry<Stream> | undefined
  readonly #optedIn: boolean
  /** It counts as a place until it is over. */
  #over = false
  #use: ChannelUse | undefined
  /** Monotonic. */
  #openedMs = 0

  /** `optedIn`: the client wants positions. */
  constructor(dependencies: StreamDependencies, exchange: Exchange, optedIn: boolean) {
    this.#dependencies = dependencies
    this.#exchange = exchange
    this.#optedIn = optedIn
    this.format = optedIn ? dependencies.formats.counting : dependencies.formats.plain
    dependencies.counters.places++
  }

  open(channel: ChannelName, since: Since | undefined): void {
    this.#exchange?.onAborted(() => this.#leave())
    const outcome = this.#dependencies.engine.subscribe(channel, this, { via: rpushdSection.name, since })
    if (typeof outcome !== 'string') {
      this.#subscription = outcome
      return
    }
    this.#refuse(outcome)
    this.#leave()
  }

  /** Nothing published after the client sees the head is missed: it is sent only now. */
  attached(position: Position, gap: boolean, channel: string): void {
    const { cadence, channels, clock, counters } = this.#dependencies
    const first = this.#optedIn ? Buffer.concat([opening, encodePositionFrame(position, gap)]) : opening
    this.#held = this.#exchange?.hold(head, first, this)
    this.#exchange = undefined
    if (this.#held === undefined) return
    counters.streams++
    counters.streamsOpened++
    this.#openedMs = clock.now()
    this.#heartbeat = cadence.add(this)
    this.#use = channels.opened(channel)
  }

  /** A wire that is behind gets none: it would only keep a dead connection alive. */
  beat(): void {
    const { clock, counters } = this.#dependencies
    const now = clock.now()
    if (this.#use !== undefined) this.#use.usedMs = now
    const ageMsMax = this.#dependencies.ageMsMax()
    if (ageMsMax > 0 && now - this.#openedMs >= ageMsMax) {
      counters.streamsExpired++
      return this.#held?.end()
    }
    if (!this.wire.blocked) this.#write(heartbeatFrame)
  }

  offer({ bytes }: Batch): boolean {
    return this.#held?.write(bytes) ?? true
  }

  /** Only a client that opted in can be told; for the others no frame would mean it. */
  gap(position: Position): boolean {
    if (this.#optedIn) this.#write(encodePositionFrame(position, true))
    return this.#optedIn
  }

  close(reason: CloseReason): void {
    this.#subscription = undefined
    if (reason === 'omitted') this.#dependencies.counters.streamsOmitted++
    this.#refuse(reason === 'draining' ? 'draining' : 'owner-lost')
    this.#exchange = undefined
    if (this.#held === undefined) return this.#leave()
    // A slow one would not take an orderly end either.
    if (reason === 'slow') this.#held.close()
    else this.#held.end()
  }

  drained(): void {
    this.#dependencies.engine.drained(this)
  }

  progressed(): void {
    this.wire.progressed(this.#dependencies.clock)
  }

  closed(): void {
    const { cadence, channels, counters } = this.#dependencies
    counters.streams--
    if (this.#heartbeat !== undefined) cadence.remove(this.#heartbeat)
    if (this.#use !== undefined) channels.closed(this.#use)
    this.#leave()
  }

  /** Bytes between those of the engine. It offers no more while the wire did not take them. */
  #write(bytes: Uint8Array): void {
    this.wire.offered(bytes, this.#held?.write(bytes) ?? true, this.#dependencies.clock)
  }

  /** Whatever ended it: called more than once, it is over once. */
  #leave(): void {
    const { counters, engine } = this.#dependencies
    if (this.#subscription !== undefined) engine.unsubscribe(this.#subscription)
    this.#subscription = undefined
    if (!this.#over) counters.places--
    this.#over = true
  }

  #refuse(reason: Reason): void {
    if (this.#exchange !== undefined) this.#dependencies.refusals.refuse(this.#exchange, reason)
  }
}
