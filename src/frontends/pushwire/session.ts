// One client id over one connection, whatever carries it: its feeds, its claim to the id, and until when it may stay. The
// connection shows itself as a face; what clients send comes by uplink.ts.
import type { Engine } from '../../engine/engine.ts'
import type { Batch, Format } from '../../engine/reader/subscriber.ts'
import type { Wire } from '../../engine/reader/wire.ts'
import type { CloseReason, Refusal } from '../../engine/words/refusal.ts'
import type { Clock } from '../../std/clock.ts'
import type { Expiries } from '../../std/expiries.ts'
import type { Random } from '../../std/random.ts'
import type { Arrival } from './arrival.ts'
import type { ChannelPlan, Plan } from './config.ts'
import { Control, type ControlHost } from './control.ts'
import { type Ending, endingByClose, endingByRefusal, errorOf } from './endings.ts'
import { Feed, type FeedHost } from './feed.ts'
import { Flow } from './flow.ts'
import type { ServerOperation } from './operations.ts'
import { streamOf } from './streams.ts'

/** A connection, as its session uses it. */
export interface Face {
  formatOf(feed: Feed): Format
  /** Everything that it asked for is live: its client is told, before anything else is written. */
  began(session: Session): void
  /** Nothing else has to be said in front of frames. */
  settled(): void
  say(operation: ServerOperation): void
  /** As `Subscriber.offer`. */
  write(feed: Feed, batch: Batch): boolean
  /** What was written last has not left. */
  readonly isBehind: boolean
  /** Ends the connection. `detail`: for people. */
  end(ending: Ending, detail?: string): void
}

/** What all sessions of a worker share. */
export interface SessionKind {
  readonly plan: Plan
  readonly engine: Engine
  readonly clock: Clock
  readonly random: Random
  readonly expiries: Expiries<Session>
  readonly counters: { sessions: number; sessionsOpened: number; gapsTold: number }
}

export class Session implements FeedHost, ControlHost {
  readonly wire: Wire
  readonly arrival: Arrival
  readonly #kind: SessionKind
  readonly #face: Face
  readonly #feeds: Feed[] = []
  #control: Control | undefined
  /** Streams that are not attached yet. */
  #awaited = 0
  #state: 'opening' | 'live' | 'over' = 'opening'
  /** Of feeds whose clients miss something, and are told once they are in. */
  #untold: Map<Feed, number | undefined> | undefined
  #flow: Flow | undefined
  #expiresAt: number | undefined

  constructor(kind: SessionKind, face: Face, wire: Wire, arrival: Arrival) {
    this.#kind = kind
    this.#face = face
    this.wire = wire
    this.arrival = arrival
  }

  get engine(): Engine {
    return this.#kind.engine
  }

  get clientId(): string {
    return this.arrival.clientId
  }

  /** In the order in which they were subscribed to first. */
  get feeds(): readonly Feed[] {
    return this.#feeds
  }

  feed(name: string): Feed | undefined {
    return this.#feeds.find(feed => feed.name === name)
  }

  /** Subscribes to all in one turn. Nothing is offered before all of them are live. */
  open(channels: readonly ChannelPlan[]): void {
    const { clock, counters, expiries, random } = this.#kind
    const { expires } = this.arrival.permission
    counters.sessions++
    if (expires !== undefined) this.#expiresAt = expiries.add(this, expires)
    this.wire.blockedSince = clock.now()
    for (const plan of channels) this.#feeds.push(this.#feedOf(plan))
    this.#awaited = channels.length + 1
    const claim = { stamp: clock.sharedMs(), nonce: random.hex(6) }
    this.#control = new Control(this.#kind, this, this.clientId, claim)
    const refusals = [() => this.#control?.open(), ...this.#feeds.map(feed => () => feed.subscribe())]
    for (const subscribe of refusals) {
      const refusal = this.#isOver ? undefined : subscribe()
      if (refusal !== undefined) return this.#refused(refusal)
    }
  }

  /** Goes on where its client left it, or begins as its arrival says. */
  subscribe(plan: ChannelPlan): void {
    const known = this.feed(plan.name)
    const feed = known ?? this.#feedOf(plan)
    const refusal = feed.subscribe()
    if (refusal === 'not-allowed') return this.#face.say(errorOf(refusal, plan.name))
    if (refusal !== undefined) return this.#refused(refusal)
    if (known === undefined) this.#feeds.push(feed)
  }

  /** Its client asks for everything from that cursor on. */
  replay(feed: Feed, fromCursor: number): void {
    const refusal = feed.replay({ cursor: Math.max(0, fromCursor - 1), epoch: undefined })
    if (refusal !== undefined) this.#refused(refusal)
  }

  /** Its client has processed everything up to that cursor. In client scope nobody needs it any more (contract §3.4). */
  acked(plan: ChannelPlan, cursor: number): void {
    const feed = this.feed(plan.name)
    const known = feed === undefined ? cursor : Math.min(cursor, feed.cursor)
    this.#flow?.acked(plan.name, known)
    if (feed?.isHeldBack === true) this.#resubscribe(feed)
  }

  /** At most so many frames of each channel are under way unacknowledged; 0 or nothing: as many as like. */
  limit(window: number | undefined): void {
    this.#flow = window === undefined || window === 0 ? undefined : new Flow(window)
    for (const feed of this.#feeds) if (feed.isHeldBack) this.#resubscribe(feed)
  }

  attached(): void {
    this.#arrived()
  }

  controlAttached(): void {
    this.#arrived()
  }

  missing(feed: Feed, fromCursor: number | undefined): void {
    this.#kind.counters.gapsTold++
    if (this.#state === 'live') return this.#tell(feed, fromCursor)
    this.#untold ??= new Map()
    this.#untold.set(feed, fromCursor)
  }

  /** It is told that it misses something of it, or will be at once. */
  misses(feed: Feed): boolean {
    return this.#untold?.has(feed) === true
  }

  formatOf(feed: Feed): Format {
    return this.#face.formatOf(feed)
  }

  partOf(feed: Feed, batch: Batch): Batch | undefined {
    return this.#flow === undefined ? batch : this.#flow.partOf(feed.name, batch)
  }

  write(feed: Feed, batch: Batch): boolean {
    return this.#face.write(feed, batch)
  }

  /** One that is gone ends all: the others would go on as if nothing had been lost. */
  lost(reason: CloseReason): void {
    this.end(endingByClose[reason])
  }

  replaced(): void {
    this.end('replaced')
  }

  kicked(): void {
    this.end('kicked')
  }

  expire(): void {
    this.#expiresAt = undefined
    this.end('token-expired')
  }

  /** The wire takes more. */
  drained(): void {
    const [first] = this.#feeds
    if (this.#state !== 'live') return
    if (first === undefined) this.wire.drained()
    else this.engine.drained(first)
  }

  end(ending: Ending, detail?: string): void {
    if (this.#isOver) return
    this.leave()
    this.#face.end(ending, detail)
  }

  /** Whatever ended it, nothing of it stays. */
  leave(): void {
    if (this.#isOver) return
    this.#state = 'over'
    this.#kind.counters.sessions--
    this.#control?.leave()
    for (const feed of this.#feeds) feed.unsubscribe()
    if (this.#expiresAt !== undefined) this.#kind.expiries.remove(this, this.#expiresAt)
  }

  /** A field would be taken for what it was before a call that changed it. */
  get #isOver(): boolean {
    return this.#state === 'over'
  }

  #feedOf(plan: ChannelPlan): Feed {
    const { places, resumeCursor } = this.arrival
    const common = resumeCursor === undefined ? undefined : { cursor: resumeCursor, epoch: undefined }
    return new Feed(this, plan, streamOf(plan, this.clientId), places.get(plan.name) ?? common)
  }

  #resubscribe(feed: Feed): void {
    const refusal = feed.subscribe()
    if (refusal !== undefined) this.#refused(refusal)
  }

  #refused(refusal: Refusal): void {
    this.end(endingByRefusal[refusal])
  }

  #arrived(): void {
    if (this.#state !== 'opening') return
    this.#awaited--
    if (this.#awaited > 0) return
    this.#state = 'live'
    this.#kind.counters.sessionsOpened++
    this.#face.began(this)
    for (const [feed, fromCursor] of this.#untold ?? []) this.#tell(feed, fromCursor)
    this.#untold = undefined
    if (this.#isOver) return
    if (!this.#face.isBehind) this.drained()
    this.#face.settled()
  }

  /** Where its cursors can go no higher it is left, and the connection stays (contract §3.3). */
  #tell(feed: Feed, fromCursor: number | undefined): void {
    if (fromCursor !== undefined) {
      return this.#face.say({ op: 'resume_required', channel: feed.name, fromCursor })
    }
    feed.unsubscribe()
    this.#face.say(errorOf('cursor-ahead', feed.name))
  }
}
