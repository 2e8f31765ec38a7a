// One subscriber of rpushd: the request waits until the engine attached it, then its response is held and carries
// frames and heartbeats.
import type { Engine } from '../../engine/engine.ts'
import type { Subscription } from '../../engine/ports.ts'
import type { ChannelName, Content, Position } from '../../engine/publication.ts'
import type { CloseReason } from '../../engine/refusal.ts'
import type { Format, Subscriber } from '../../engine/subscriber.ts'
import { Wire } from '../../engine/wire.ts'
import type { Exchange } from '../../net/exchange.ts'
import type { HeldStream, StreamConsumer } from '../../net/held-stream.ts'
import type { Cadence, CadenceEntry } from '../../std/cadence.ts'
import { encodeFrame, encodePositionFrame, heartbeatFrame, type Resume } from './codec.ts'
import { refusalReply } from './refusals.ts'
import { rpushdSection } from './settings.ts'

const head = {
  status: 200,
  headers: {
    'content-type': 'application/octet-stream',
    'cache-control': 'no-cache, no-store, must-revalidate, no-transform',
    pragma: 'no-cache',
    expires: '0',
    'x-content-type-options': 'nosniff',
  },
}

/** The original's first tick comes at once, behind the frame that it opens with: clients see two. */
const opening = Buffer.concat([heartbeatFrame, heartbeatFrame])

const format: Format = { id: 'rpushd', encode: ({ content }) => encodeFrame(jsonOf(content)) }

/** rpushd's payloads are JSON: text becomes a JSON string, bytes become base64 in one. */
function jsonOf({ kind, payload }: Content): Uint8Array {
  if (kind === 'json') return payload
  return Buffer.from(JSON.stringify(Buffer.from(payload).toString(kind === 'text' ? 'utf8' : 'base64')))
}

export interface StreamCounters {
  streams: number
  streamsOpened: number
}

export class Stream implements Subscriber, StreamConsumer {
  readonly format = format
  readonly wire = new Wire()
  readonly #engine: Engine
  readonly #cadence: Cadence<Stream>
  readonly #counters: StreamCounters
  /** Undefined once answered. */
  #exchange: Exchange | undefined
  #held: HeldStream | undefined
  #subscription: Subscription | undefined
  #heartbeat: CadenceEntry<Stream> | undefined
  #optedIn = false

  constructor(engine: Engine, cadence: Cadence<Stream>, counters: StreamCounters, exchange: Exchange) {
    this.#engine = engine
    this.#cadence = cadence
    this.#counters = counters
    this.#exchange = exchange
  }

  /** `resume`: the client opted into positions. */
  open(channel: ChannelName, resume: Resume | undefined): void {
    this.#exchange?.onAborted(() => this.#leave())
    this.#optedIn = resume !== undefined
    const outcome = this.#engine.subscribe(channel, this, { via: rpushdSection.name, since: resume?.since })
    if (typeof outcome === 'string') this.#exchange?.reply(refusalReply(outcome))
    else this.#subscription = outcome
  }

  /** Nothing published after the client sees the head is missed: it is sent only now. */
  attached(position: Position, gap: boolean): void {
    const first = this.#optedIn ? Buffer.concat([opening, encodePositionFrame(position, gap)]) : opening
    this.#held = this.#exchange?.hold(head, first, this)
    this.#exchange = undefined
    if (this.#held === undefined) return
    this.#counters.streams++
    this.#counters.streamsOpened++
    this.#heartbeat = this.#cadence.add(this)
  }

  /** A wire that is behind gets none: it would only keep a dead connection alive. */
  beat(): void {
    if (!this.wire.blocked) this.#held?.write(heartbeatFrame)
  }

  offer(bytes: Uint8Array): boolean {
    return this.#held?.write(bytes) ?? true
  }

  /** Only a client that opted in can be told; for the others no frame would mean it. */
  gap(position: Position): boolean {
    if (this.#optedIn) this.#held?.write(encodePositionFrame(position, true))
    return this.#optedIn
  }

  close(reason: CloseReason): void {
    this.#subscription = undefined
    this.#exchange?.reply(refusalReply(reason === 'draining' ? 'draining' : 'owner-lost'))
    this.#exchange = undefined
    // A slow one would not take an orderly end either.
    if (reason === 'slow') this.#held?.close()
    else this.#held?.end()
  }

  drained(): void {
    this.#engine.drained(this)
  }

  closed(): void {
    this.#counters.streams--
    if (this.#heartbeat !== undefined) this.#cadence.remove(this.#heartbeat)
    this.#leave()
  }

  #leave(): void {
    if (this.#subscription !== undefined) this.#engine.unsubscribe(this.#subscription)
    this.#subscription = undefined
  }
}
