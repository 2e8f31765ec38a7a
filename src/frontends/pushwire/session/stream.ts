// An event stream, from its request to its end: who it is for, then a session that nothing comes up from (contract §5). Its
// head leaves when all of its channels are live, so a refusal has a status; and the id of each event is where the client is in
// all of them, so that a browser comes back by itself to where it was.
import type { Batch, Format } from '../../../engine/reader/subscriber.ts'
import { Wire } from '../../../engine/reader/wire.ts'
import type { HeldStream, StreamConsumer } from '../../../net/held-stream.ts'
import type { Cadence, CadenceEntry } from '../../../std/cadence.ts'
import type { Call } from '../call.ts'
import type { Reason } from '../refusals.ts'
import { cursorOf } from '../wire/cursors.ts'
import { canonical, writeOperation, writeSuperposed } from '../wire/dialect.ts'
import { type Ending, lastWords } from '../wire/endings.ts'
import { encodeEvent, encodeRetry, eventHead, keepAlive } from '../wire/events.ts'
import type { Formats } from '../wire/frames.ts'
import type { ServerOperation } from '../wire/operations.ts'
import { fitsVector, formatVector } from '../wire/vector.ts'
import { type Arrivals, channelsOf, positionsOf } from './arrival.ts'
import type { Arrival, Face } from './face.ts'
import type { Feed } from './feed.ts'
import { Session } from './session.ts'

/** What all streams of a worker share. */
export interface StreamKind extends Arrivals {
  /** Serves `beat`. */
  readonly beats: Cadence<Stream>
  readonly formats: Formats
  readonly counters: Arrivals['counters'] & { streams: number; streamsOpened: number; eventsSent: number }
  /** As set now. */
  stream(): { readonly retryMs: number; readonly isCanonical: boolean }
}

const head = {
  'content-type': 'text/event-stream',
  // What compresses on the way would hold events back, and so would proxies of the nginx kind.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const

/** With the head, well below what a held stream may be given at once; positions in a hundred channels are more. */
const firstBytesMax = 8_192

export class Stream implements StreamConsumer, Face {
  readonly #kind: StreamKind
  readonly #wire = new Wire()
  /** Events have the names of their channels. */
  readonly #isNamed: boolean
  /** Undefined once answered. */
  #call: Call | undefined
  #held: HeldStream | undefined
  #session: Session | undefined
  #beats: CadenceEntry<Stream> | undefined
  #isBehind = false
  /** Its place is given back once. */
  #isOver = false

  /** It has taken a place, and gives it back. */
  constructor(kind: StreamKind, call: Call, isNamed: boolean) {
    this.#kind = kind
    this.#call = call
    this.#isNamed = isNamed
    call.exchange.onAborted(() => this.#leave())
  }

  /** The validator has let it in. `names`: what it wants; none: all that it may read. */
  open(arrival: Arrival, names: readonly string[]): void {
    if (this.#call?.exchange.pending !== true) return this.#leave()
    const { channels, missed } = channelsOf(this.#kind, arrival.permission, names)
    if (channels.length === 0) return this.refuse('channels-empty')
    if (!fitsVector(channels.map(({ name }) => name))) return this.refuse('channels-too-many')
    this.#session = new Session(this.#kind, this, this.#wire, arrival)
    this.#session.open(channels, missed)
  }

  refuse(reason: Reason, detail?: string): void {
    this.#call?.refuse(reason, detail)
    this.#call = undefined
    this.#leave()
  }

  /** Streams of one channel share whole events, for each has the same id; and nobody knows laps but their cursors. */
  formatOf(feed: Feed): Format {
    const { formats } = this.#kind
    if (this.#session?.feeds.length !== 1) return formats.line[feed.lap]
    return this.#isNamed ? formats.stream[feed.lap] : formats.unnamed[feed.lap]
  }

  began(): void {
    const session = this.#session
    if (session === undefined) return
    const operation = positionsOf(session)
    // Who breaks off before it is told of a gap comes back from where it was.
    const places = session.feeds.map(feed => {
      const missed = session.misses(feed) ? session.placeOf(feed.name) : undefined
      return [feed.name, missed ?? feed.place] as const
    })
    const first = this.#event(operation, formatVector(places))
    const retry = encodeRetry(this.#kind.stream().retryMs)
    this.#hold(Buffer.concat([first, retry]))
  }

  #hold(first: Uint8Array): void {
    const { beats, counters } = this.#kind
    const call = this.#call
    this.#call = undefined
    const begin = first.subarray(0, firstBytesMax)
    this.#held = call?.exchange.hold({ status: 200, headers: { ...head, ...call.headers } }, begin, this)
    if (this.#held === undefined) return this.#leave()
    counters.streams++
    counters.streamsOpened++
    this.#beats = beats.add(this)
    if (first.length > firstBytesMax) this.#put(first.subarray(firstBytesMax))
  }

  settled(): void {}

  get isBehind(): boolean {
    return this.#isBehind
  }

  say(operation: ServerOperation): void {
    this.#put(this.#event(operation, undefined))
  }

  #event(operation: ServerOperation, id: string | undefined): Uint8Array {
    const { name } = this.#kind.plan.system
    const text = this.#kind.stream().isCanonical
      ? writeOperation(canonical, name, operation)
      : writeSuperposed(name, operation)
    return encodeEvent(this.#isNamed ? name : undefined, id, text)
  }

  /** Bytes between those of the engine. It offers no more while the wire did not take them. */
  #put(bytes: Uint8Array): void {
    const taken = this.#held?.write(bytes) ?? true
    if (!taken) this.#isBehind = true
    this.#wire.offered(bytes, taken, this.#kind.clock)
  }

  write(feed: Feed, batch: Batch): boolean {
    this.#kind.counters.eventsSent += batch.frames.length
    const isShared = this.#session?.feeds.length === 1
    const taken = this.#held?.write(isShared ? batch.bytes : this.#withIds(feed, batch)) ?? true
    if (!taken) this.#isBehind = true
    return taken
  }

  /** Each line of data behind an id of its own: where the client is in this channel, and in all others. */
  #withIds(feed: Feed, batch: Batch): Uint8Array {
    const feeds = this.#session?.feeds ?? []
    const at = feeds.indexOf(feed)
    const before = formatVector(feeds.slice(0, at).map(each => [each.name, each.place]))
    const behind = formatVector(feeds.slice(at + 1).map(each => [each.name, each.place]))
    const { epoch } = feed.place
    const parts = batch.frames.flatMap((frame, index) => {
      const own = formatVector([[feed.name, { epoch, cursor: cursorOf(feed.lap, batch.from + index) }]])
      const id = [before, own, behind].filter(text => text !== '').join()
      return [Buffer.from(eventHead(this.#isNamed ? feed.name : undefined, id)), frame]
    })
    return Buffer.concat(parts)
  }

  /** A wire that is behind gets none: it would only keep a dead connection alive. */
  beat(): void {
    if (!this.#wire.blocked) this.#put(keepAlive)
  }

  drained(): void {
    this.#isBehind = false
    this.#session?.drained()
  }

  progressed(): void {
    this.#wire.progressed(this.#kind.clock)
  }

  /**
   * What ends it before it began is ended as a stream: it passes, and a browser's EventSource comes again from a stream that
   * ends, but never from a 503.
   */
  end(ending: Ending, detail?: string, returnMs?: number): void {
    this.#kind.ended(ending)
    const { operation } = lastWords(ending, detail)
    if (this.#call !== undefined) {
      const words = operation === undefined ? [] : [this.#event(operation, undefined)]
      this.#hold(Buffer.concat([...words, encodeRetry(returnMs ?? this.#kind.stream().retryMs)]))
    } else if (operation !== undefined && ending !== 'slow') {
      // One that is behind gets it behind all else. The next stream says the usual time again.
      this.say(operation)
      if (returnMs !== undefined) this.#put(encodeRetry(returnMs))
    }
    if (ending === 'slow') this.#held?.close()
    else this.#held?.end()
    this.#leave()
  }

  closed(): void {
    this.#kind.counters.streams--
    this.#held = undefined
    if (this.#beats !== undefined) this.#kind.beats.remove(this.#beats)
    this.#leave()
  }

  #leave(): void {
    this.#call = undefined
    this.#session?.leave()
    if (!this.#isOver) this.#kind.admission.leave()
    this.#isOver = true
  }
}
