// One client id over one connection, whatever carries it: its feeds, its claim to the id, and until when it may stay. The
// connection shows itself as a face; what clients send comes by uplink.ts.
import type { Engine } from '../../../engine/engine.ts'
import type { Batch, Format } from '../../../engine/reader/subscriber.ts'
import type { Wire } from '../../../engine/reader/wire.ts'
import { type Offset, parseOffset } from '../../../engine/words/position.ts'
import type { CloseReason, Refusal } from '../../../engine/words/refusal.ts'
import type { ChannelPlan } from '../config/config.ts'
import type { Permission } from '../config/permission.ts'
import { lapOf, offsetOf } from '../wire/cursors.ts'
import { type Ending, endingByClose, endingByRefusal, errorOf } from '../wire/endings.ts'
import type { Place, Vector } from '../wire/vector.ts'
import { Control, type ControlHost, stampOf } from './control.ts'
import { type Arrival, channelsMax, type Expiring, type Face, type SessionKind } from './face.ts'
import { Feed, type FeedHost } from './feed.ts'
import { Pace, type PaceHost } from './pace.ts'
import { streamOf } from './streams.ts'

const none: readonly string[] = []
const noFeeds: readonly Feed[] = []

export class Session implements FeedHost, ControlHost, PaceHost, Expiring {
  readonly wire: Wire
  readonly clientId: string
  readonly permission: Permission
  /** What its client said that it has of channels. */
  readonly places: Vector
  /** Of those that are not among them. */
  readonly resumeCursor: number | undefined
  readonly #kind: SessionKind
  readonly #face: Face
  /** Most have one, which costs no list. */
  #feeds: Feed | readonly Feed[] = noFeeds
  #control: Control | undefined
  /** Streams that are not attached yet. */
  #awaited = 0
  #state: 'opening' | 'live' | 'over' = 'opening'
  /** Of feeds whose clients miss something, and are told once they are in. */
  #untold: Map<Feed, number | undefined> | undefined
  /** Channels that it asked for in vain, until it is told. */
  #missed = none
  #pace: Pace | undefined
  #expiresAt: number | undefined
  constructor(kind: SessionKind, face: Face, wire: Wire, arrival: Arrival) {
    this.#kind = kind
    this.#face = face
    this.wire = wire
    this.clientId = arrival.clientId
    this.permission = arrival.permission
    this.places = arrival.places
    this.resumeCursor = arrival.resumeCursor
  }

  get engine(): Engine {
    return this.#kind.engine
  }

  /** In the order in which they were subscribed to first. */
  get feeds(): readonly Feed[] {
    return this.#feeds instanceof Feed ? [this.#feeds] : this.#feeds
  }

  #keep(feeds: readonly Feed[]): void {
    this.#feeds = feeds.length === 1 ? (feeds[0] ?? noFeeds) : feeds
  }

  feed(name: string): Feed | undefined {
    if (this.#feeds instanceof Feed) return this.#feeds.name === name ? this.#feeds : undefined
    return this.#feeds.find(feed => feed.name === name)
  }

  /**
   * Subscribes to all in one turn. Nothing is offered before all of them are live. `missed`: what its client wants and may not
   * read.
   */
  open(channels: readonly ChannelPlan[], missed: readonly string[] = []): void {
    const { clock, counters, expiries, random } = this.#kind
    const { expires } = this.permission
    counters.sessions++
    if (expires !== undefined) this.#expiresAt = expiries.add(this, expires)
    this.wire.blockedSince = clock.now()
    this.#missed = missed
    // A list that is made whole has no room for more, which most never need.
    this.#keep(channels.map(plan => this.#feedOf(plan)))
    this.#awaited = channels.length + 1
    const nonce = Number.parseInt(random.hex(3), 16)
    this.#control = new Control(this.#kind, this, { stamp: stampOf(this.#kind), nonce })
    const refusal = this.#control.open()
    if (refusal !== undefined) return this.refused(refusal)
    for (const feed of this.feeds) if (!this.isOver) this.#join(feed)
  }

  #join(feed: Feed): void {
    const refusal = feed.subscribe()
    if (refusal === undefined) return
    if (refusal !== 'not-allowed') return this.refused(refusal)
    // A namespace of the operator's may close what the validator opened: that is one channel less.
    this.#forget(feed)
    this.#missed = [...this.#missed, feed.name]
    this.#arrived()
  }

  /** Where a pattern has more channels than are remembered, the one that it left first is none of its own any more. */
  #add(feed: Feed): void {
    const left = this.feeds.length >= channelsMax ? this.feeds.find(({ isOn }) => !isOn) : undefined
    if (left !== undefined) this.#forget(left)
    this.#keep(this.feeds.concat(feed))
  }

  #forget(feed: Feed): void {
    this.#keep(this.feeds.filter(other => other !== feed))
  }

  /** It has as many channels as one may have, and is subscribed to all of them. */
  get isFull(): boolean {
    return this.feeds.length >= channelsMax && this.feeds.every(({ isOn }) => isOn)
  }

  /** Goes on where its client left it, or begins as its arrival says. */
  subscribe(plan: ChannelPlan): void {
    if (this.isOver) return
    const known = this.feed(plan.name)
    const feed = known ?? this.#feedOf(plan)
    if (known === undefined) this.#add(feed)
    // Left and taken in a loop by a client that reads nothing, it would ask for the same each time.
    if (feed.wouldAsk && !this.#paced().mayAsk()) return this.#paced().hold(feed)
    const refusal = feed.subscribe()
    if (refusal === undefined) return
    if (known === undefined) this.#forget(feed)
    // What it has goes on.
    if (refusal === 'not-allowed') this.#face.say(errorOf(refusal, plan.name))
    else if (refusal === 'overloaded') this.#face.say(errorOf(refusal))
    else this.refused(refusal)
  }

  /** Its client asks for everything from that cursor on. False: it asked too often. */
  replay(feed: Feed, fromCursor: number): boolean {
    if (this.isOver) return true
    if (!this.#paced().mayAsk()) return false
    const refusal = feed.replay(fromCursor)
    if (refusal !== undefined) this.refused(refusal)
    return true
  }

  /**
   * Its client has processed everything up to that cursor. In client scope nobody needs it any more (contract §3.4). A cursor of
   * another lap is of a numbering that is over: here it would be a place that nothing was sent at.
   */
  acked(plan: ChannelPlan, cursor: number): void {
    if (this.isOver) return
    const feed = this.feed(plan.name)
    const known = feed === undefined ? cursor : Math.min(cursor, feed.cursor)
    if (known === 0 || (feed !== undefined && (lapOf(known) !== feed.lap || known <= feed.acked))) return
    if (feed !== undefined) feed.acked = known
    const offset = parseOffset(offsetOf(known))
    if (plan.scope === 'client') this.engine.trim(streamOf(plan, this.clientId), offset)
    if (feed !== undefined) this.#pace?.acked(feed, offset)
  }

  /** At most so many frames of each channel are under way unacknowledged; 0 or nothing: as many as like. */
  limit(window: number | undefined): void {
    if (this.isOver) return
    if (this.#pace === undefined && !window) return
    this.#paced().limit(window === 0 ? undefined : window)
  }

  #paced(): Pace {
    this.#pace ??= new Pace(this, this.#kind.clock)
    return this.#pace
  }

  /** One of its streams: a feed, or the control stream. */
  attached(): void {
    this.#arrived()
  }

  missing(feed: Feed, offset: Offset, fromCursor: number | undefined): void {
    this.#kind.counters.gapsTold++
    this.#pace?.missed(feed, offset)
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

  roomFrom(feed: Feed, from: Offset): number {
    return this.#pace?.roomFrom(feed, from) ?? Number.POSITIVE_INFINITY
  }

  write(feed: Feed, batch: Batch): boolean {
    if (this.#pace !== undefined) this.#pace.lastBytes = batch.size
    return this.#face.write(feed, batch)
  }

  /** One that is gone ends all: the others would go on as if nothing had been lost. */
  lost(reason: CloseReason, returnMs?: number): void {
    // Before anything is sent nobody is slow: an owner did not answer in time.
    const ending = this.#state === 'opening' && reason === 'slow' ? 'lost' : endingByClose[reason]
    this.end(ending, undefined, returnMs)
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
    const [first] = this.feeds
    if (this.#state !== 'live') return
    if (first === undefined) this.wire.drained()
    else this.engine.drained(first)
    this.#pace?.goOnAll()
  }

  end(ending: Ending, detail?: string, returnMs?: number): void {
    if (this.isOver) return
    this.leave()
    this.#face.end(ending, detail, returnMs)
  }

  /** Whatever ended it, nothing of it stays. */
  leave(): void {
    if (this.isOver) return
    this.#state = 'over'
    this.#kind.counters.sessions--
    this.#control?.leave()
    for (const feed of this.feeds) feed.unsubscribe()
    if (this.#expiresAt !== undefined) this.#kind.expiries.remove(this, this.#expiresAt)
    this.#pace?.leave()
  }

  get isBehind(): boolean {
    return this.#face.isBehind
  }

  /** A field would be taken for what it was before a call that changed it. */
  get isOver(): boolean {
    return this.#state === 'over'
  }

  /** Where its client was in that channel as it came; undefined: it did not say. */
  placeOf(name: string): Place | undefined {
    const { resumeCursor: cursor } = this
    return this.places.get(name) ?? (cursor === undefined ? undefined : { cursor, epoch: undefined })
  }

  #feedOf(plan: ChannelPlan): Feed {
    return new Feed(this, plan, this.placeOf(plan.name))
  }

  refused(refusal: Refusal): void {
    const returnMs = refusal === 'draining' ? this.engine.returns.next('others') : undefined
    this.end(endingByRefusal[refusal], undefined, returnMs)
  }

  #arrived(): void {
    if (this.#state !== 'opening') return
    this.#awaited--
    if (this.#awaited > 0) return
    this.#state = 'live'
    this.#kind.counters.sessionsOpened++
    // Until now it was held up by us; from here on by a client that does not take what it is sent.
    this.wire.blockedSince = this.#kind.clock.now()
    this.#face.began()
    if (this.#missed.length > 0) this.#face.say(errorOf('channel-not-allowed', this.#missed.join(', ')))
    this.#missed = none
    for (const [feed, fromCursor] of this.#untold ?? []) this.#tell(feed, fromCursor)
    this.#untold = undefined
    if (this.isOver) return
    if (!this.#face.isBehind) this.drained()
    this.#face.settled()
  }

  /** Where its cursors can go no higher it is left, and the connection stays (contract §3.3). */
  #tell(feed: Feed, fromCursor: number | undefined): void {
    if (fromCursor !== undefined) {
      const { epoch } = feed.place
      return this.#face.say({ op: 'resume_required', channel: feed.name, fromCursor, epoch })
    }
    feed.unsubscribe()
    this.#face.say(errorOf('cursor-ahead', feed.name))
  }
}
