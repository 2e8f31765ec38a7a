// One subscription's place in one channel: the next offset it needs. Nothing is copied per subscriber; being slow
// means staying behind, until the policy ends or shortens that. Every byte is counted here. Beside it the record of
// all subscribers of a channel in this worker: what may be done to it is in audience.ts.
import type { Clock } from '../../std/clock.ts'
import type { ChannelNamespace } from '../words/access.ts'
import type { Slot } from '../words/link.ts'
import { type Epoch, type Offset, type Position, parseOffset, type Since } from '../words/position.ts'
import type { ChannelName } from '../words/publication.ts'
import { type Lane, type Lanes, laneOf, type WireEnd } from './lanes.ts'
import type { Admits, SubscribeOptions, Subscriber, Subscription } from './subscriber.ts'
import type { Slice, Window } from './window.ts'

export interface Audience {
  /** A channel, or a pattern. */
  readonly name: ChannelName
  owner: Slot
  readonly namespace: ChannelNamespace
  window: Window
  /** Dense but for those that left during a pass: their places are undefined until it ends. */
  outboxes: (Outbox | undefined)[]
  /** Subscribers that have not left. */
  count: number
  /** Those that may be behind the rest; undefined while there are none, for most channels never have one. */
  behind: Set<Outbox> | undefined
  pass: Pass | undefined
  /** Where the last pass that began ends: what is later was offered to nobody, but for the turn of a lower lane. */
  offered: Offset
  /** Waits in the fan-out's queue. */
  queued: boolean
  /** Undefined until the first answer of an owner. */
  epoch: Epoch | undefined
  /** Number of the attach under way; undefined: live. */
  attempt: number | undefined
  /** Since when it waits for an owner. */
  waitingSince: number
  /** The lost owner's farewell vouches that nothing is missing up to the window's head. */
  complete: boolean
  /** Something came before the owner's answer, and patterns did not get it: it comes again, or is part of a gap. */
  withheld: boolean
  /** The owner was told to refuse publishes. */
  pressed: boolean
  /** The id that the publication at the window's head follows; undefined: none is known. */
  lastId: string | undefined
  /** Recoveries that the owner was asked for, by request. */
  recoveries: Map<number, Recovery> | undefined
}

/** A question to the owner that several subscribers share. One of a kind is under way at a time. */
export interface Recovery {
  /** Of the channel's epoch, below the window's head or not; or of another epoch. */
  readonly kind: 'held' | 'ahead' | 'foreign'
  /** They want all that is left behind a gap. */
  readonly rest: boolean
  /** The least of those that were there when it was asked. */
  since: Since
  /** Whoever waits for the answer. */
  readonly outboxes: Map<Outbox, Waiting>
}

export interface Waiting {
  /** It was there when the owner was asked. */
  readonly early: boolean
  /** By the clock. */
  readonly since: number
}

/** One walk over the list. */
export interface Pass {
  /** The head when the pass began: nothing later is offered in it. */
  readonly end: Offset
  /** Joiners come behind this place and are not part of the pass. */
  readonly count: number
  index: number
  /** Somebody who takes more was not brought up to `end` by one write. */
  unfinished: boolean
}

export interface FlushLimits {
  readonly flushBytesMax: number
}

/** The wire may be gone, and nobody is offered anything. */
const closed = Symbol('closed')
/** It joins where the channel is when it goes live. */
const joining = Symbol('joining')

/** Live with the next offset that it needs, or waiting for what follows a position, or one of those above: one at a time. */
type Place = Offset | Since | typeof joining | typeof closed

export class Outbox implements Subscription, WireEnd {
  readonly subscriber: Subscriber
  readonly audience: Audience
  /** Wants all that is left behind a gap (law 18). */
  readonly rest: boolean
  readonly #admits: Admits | undefined
  #place: Place
  /** Place in the audience's list; kept by the audience. */
  index = -1
  /** Bytes before this place were asked for by a resume: they never count as being behind. */
  chargedFrom: Offset = parseOffset(0)
  /** `attached` was called: a later recovery tells only its gap. */
  told = false
  /** The next offer comes after a gap that the wire should be told of. */
  skipped = false

  constructor(
    subscriber: Subscriber,
    audience: Audience,
    { since, admits, rest }: Pick<SubscribeOptions, 'since' | 'admits' | 'rest'>,
  ) {
    this.subscriber = subscriber
    this.audience = audience
    this.rest = rest === true
    this.#admits = admits
    this.#place = since ?? joining
  }

  /** Undefined: not live. */
  get next(): Offset | undefined {
    return typeof this.#place === 'number' ? this.#place : undefined
  }

  /** What it waits to have after: the owner is asked for it. */
  get since(): Since | undefined {
    return typeof this.#place === 'object' ? this.#place : undefined
  }

  get closed(): boolean {
    return this.#place === closed
  }

  get name(): ChannelName {
    return this.audience.name
  }

  get lane(): Lane {
    return laneOf(this.audience)
  }

  get waits(): boolean {
    return this.#isBehind(this.audience.window.head)
  }

  /** Everything after `position` will be offered; replayed bytes up to `head` are free. */
  goLive(position: Position, head: Offset, gap: boolean): void {
    if (this.closed) return
    const next = parseOffset(position.offset + 1)
    this.#take(next)
    this.chargedFrom = head
    if (this.told) {
      if (gap) this.skipped = true
      return
    }
    this.told = true
    const { name, lastId } = this.audience
    // Further back nobody remembers it.
    this.subscriber.attached(position, gap, name, next === head ? lastId : undefined)
  }

  /** The next offset that it needs, after what it is not offered. It is live. */
  moveTo(next: Offset): void {
    if (this.next !== undefined) this.#take(next)
  }

  /** Gives up its place: what follows `since` must be asked for. It is live. */
  park(since: Since): void {
    if (this.next !== undefined) this.#take(since)
  }

  close(): void {
    this.#take(closed)
  }

  /** Whoever has nothing to wait for any more may let others of its wire go on. */
  #take(place: Place): void {
    this.#place = place
    this.subscriber.wire.lanes?.note(this)
  }

  /** It is not live and may become so. One that gave up its place waits for its wire first. */
  get canStart(): boolean {
    return !this.closed && this.next === undefined && !(this.told && this.subscriber.wire.blocked)
  }

  isDue(end: Offset): boolean {
    return this.#isBehind(end) && !this.subscriber.wire.blocked
  }

  isHeldUp(end: Offset): boolean {
    return this.#isBehind(end) && this.subscriber.wire.blocked
  }

  #isBehind(end: Offset): boolean {
    return typeof this.#place === 'number' && this.#place < end
  }

  /**
   * Writes once, up to `end`, or moves on past what has no frame. Undefined: it is due nothing now. `lanes`: those of its
   * wire, and it is its turn.
   */
  flush(end: Offset, limits: FlushLimits, clock: Clock, lanes?: Lanes): Slice | undefined {
    if (!this.isDue(end) || this.next === undefined) return undefined
    const { audience, next, subscriber } = this
    const { format, wire } = subscriber
    const share = lanes?.share(this.lane)
    const slice = audience.window.join(format, next, end, limits.flushBytesMax, this.#admits, share)
    this.#place = slice.next
    lanes?.note(this)
    if (slice.frames.length === 0) return slice
    lanes?.wrote(this.lane, slice.frames.length, slice.size)
    if (subscriber.offer(slice, this)) return slice
    // Whoever copies needs the length alone, so frames that were sent one by one are not joined for it.
    wire.offered(wire.copies ? { length: slice.size } : slice.bytes, false, clock)
    return slice
  }

  /** Publications that wait for it in the window, of those that were offered to others. */
  publicationsBehind(): number {
    return this.next === undefined ? 0 : Math.max(0, this.audience.offered - this.next)
  }

  /** Their bytes; those that it asked for by a resume are free. */
  bytesBehind(): number {
    if (this.next === undefined) return 0
    const { window, offered } = this.audience
    const from = parseOffset(Math.max(this.next, this.chargedFrom))
    return from < offered ? window.bytesBetween(from, offered) : 0
  }
}

/** The outbox behind what a front-end holds, or what leads to a wire. */
export function outboxOf(end: Subscription | WireEnd): Outbox {
  return end as Outbox // the hub hands out no other, and puts no other on a wire
}

/**
 * The subscriptions of the subscriber's connection, in the order in which they are drained. The list stays as it is,
 * whoever leaves.
 */
export function outboxesOf({ wire }: Subscriber): readonly Outbox[] {
  return wire.ends as readonly WireEnd[] as readonly Outbox[] // as in `outboxOf`
}
