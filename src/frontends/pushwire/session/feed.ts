// One channel of a session, as the engine sees it: where its client is, in which lap its cursors are, and when it must be
// told that something is missing. A feed that is away keeps its place, and goes on from there (contract §1.4, §3.3).
// The engine may call before `subscribe` returns, and whatever it calls may end the feed.
import type { Engine } from '../../../engine/engine.ts'
import type { Batch, Format, Subscriber, Subscription } from '../../../engine/reader/subscriber.ts'
import type { Wire } from '../../../engine/reader/wire.ts'
import {
  type Epoch,
  type Offset,
  type Position,
  parseOffset,
  type Since,
} from '../../../engine/words/position.ts'
import type { CloseReason, Refusal } from '../../../engine/words/refusal.ts'
import type { ChannelPlan } from '../config/config.ts'
import { pushwireSection } from '../settings.ts'
import { cursorOf, type Lap, lapAbove, lapOf, offsetOf } from '../wire/cursors.ts'
import type { Place } from '../wire/vector.ts'
import { partOf } from './flow.ts'
import { streamOf } from './streams.ts'

/** The session of a feed. */
export interface FeedHost {
  readonly engine: Engine
  readonly clientId: string
  readonly wire: Wire
  formatOf(feed: Feed): Format
  /** It is live for the first time since it subscribed. */
  attached(): void
  /** Frames are missing, and it goes on behind that offset: what comes next has this cursor. Undefined: its cursors can go no higher. */
  missing(feed: Feed, offset: Offset, fromCursor: number | undefined): void
  /** How many frames its client takes from that offset on. */
  roomFrom(feed: Feed, from: Offset): number
  write(feed: Feed, batch: Batch): boolean
  /** `returnMs`: as of `Subscriber.close`. */
  lost(reason: CloseReason, returnMs?: number): void
}

export class Feed implements Subscriber {
  readonly plan: ChannelPlan
  readonly #host: FeedHost
  /** The cursor up to which its client said that it processed everything, on this connection. */
  acked = 0
  /** Undefined while the call that makes it has not returned, too. */
  #subscription: Subscription | undefined
  /** `held`: away because its client takes no more yet. */
  #state: 'off' | 'on' | 'held' = 'off'
  /** What it was offered in vain; while something is left of it, it stays away. */
  #rest: Batch | undefined
  /** Behind what the next frame comes. Without an epoch it is not live yet, and what it asked for stands in `#asked`. */
  #epoch: Epoch | undefined
  #offset = 0
  #asked: Since | undefined
  /** The highest cursor that its client has, and the numbering in which this connection was sent it, if it was. */
  #cursor: number
  #cursorEpoch: Epoch | undefined
  #lap: Lap

  constructor(host: FeedHost, plan: ChannelPlan, place: Place | undefined) {
    this.#host = host
    this.plan = plan
    const cursor = place?.cursor ?? 0
    this.#cursor = cursor
    this.#lap = lapOf(cursor)
    const isNewcomer = place === undefined && plan.scope === 'channel' && !plan.replayOnJoin
    this.#asked = isNewcomer ? undefined : { epoch: place?.epoch, offset: parseOffset(offsetOf(cursor)) }
  }

  get name(): string {
    return this.plan.name
  }

  get wire(): Wire {
    return this.#host.wire
  }

  get lap(): Lap {
    return this.#lap
  }

  get format(): Format {
    return this.#host.formatOf(this)
  }

  /** Its client is subscribed, whether the engine has it now or not. */
  get isOn(): boolean {
    return this.#state !== 'off'
  }

  get isHeldBack(): boolean {
    return this.#state === 'held'
  }

  /** The highest cursor that its client has; 0: none. */
  get cursor(): number {
    return this.#cursor
  }

  /** Behind what the next frame comes; without an epoch as long as that is not known. */
  get place(): Place {
    if (this.#epoch === undefined) return { epoch: undefined, cursor: this.#cursor }
    return { epoch: this.#epoch, cursor: cursorOf(this.#lap, this.#offset) }
  }

  /** It is not on, and would go on from somewhere: its owner would be asked for a history. */
  get wouldAsk(): boolean {
    return !this.isOn && (this.#asked !== undefined || this.#epoch !== undefined)
  }

  /** Its client is subscribed, and what it missed comes when the feed comes back. */
  hold(): void {
    if (!this.isOn) this.#state = 'held'
  }

  /** Goes on where its client is. */
  subscribe(): Refusal | undefined {
    return this.isOn ? undefined : this.#begin()
  }

  #begin(): Refusal | undefined {
    this.#state = 'on'
    const since = this.#asked ?? this.#position
    this.#asked = since
    this.#epoch = undefined
    const { clientId, engine } = this.#host
    const outcome = engine.subscribe(streamOf(this.plan, clientId), this, {
      via: pushwireSection.name,
      since,
      rest: true,
    })
    if (typeof outcome === 'string') {
      this.#state = 'off'
      return outcome
    }
    // Meanwhile it may have gone away, and even have come back.
    if (this.#state === 'on' && this.#subscription === undefined) this.#subscription = outcome
    else engine.unsubscribe(outcome)
    return undefined
  }

  get #position(): Position | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, offset: parseOffset(this.#offset) }
  }

  /** Its place stays. */
  unsubscribe(): void {
    this.#goAway('off')
    this.#rest = undefined
  }

  #goAway(state: 'off' | 'held'): void {
    this.#state = state
    const subscription = this.#subscription
    this.#subscription = undefined
    if (subscription !== undefined) this.#host.engine.unsubscribe(subscription)
  }

  /**
   * Begins anew with that cursor, as its client asks, who has what it has: a lap never goes down, and where all numbers
   * are new they stay above its highest cursor.
   */
  replay(fromCursor: number): Refusal | undefined {
    this.unsubscribe()
    const cursor = Math.max(0, fromCursor - 1)
    this.#asked = { epoch: undefined, offset: parseOffset(offsetOf(cursor)) }
    if (cursor > this.#cursor) {
      this.#cursor = cursor
      this.#cursorEpoch = undefined
    }
    if (lapOf(cursor) > this.#lap) this.#lap = lapOf(cursor)
    return this.#begin()
  }

  attached(position: Position, gap: boolean): void {
    if (this.#state !== 'on') return
    this.#asked = undefined
    this.#moveTo(position)
    // Whoever has nothing takes any first cursor.
    if (gap && this.#cursor > 0) this.#tell(position)
    this.#host.attached()
  }

  gap(position: Position): boolean {
    if (this.#state !== 'on') return true
    this.#moveTo(position)
    this.#tell(position)
    return true
  }

  /** Its client counts: it sees a gap, asks for what is behind it, and misses nothing. */
  renumbered(position: Position): boolean {
    return !this.wire.blocked && this.gap(position)
  }

  offer(batch: Batch): boolean {
    if (this.#state !== 'on') return true
    const room = this.#host.roomFrom(this, batch.from)
    if (room >= batch.frames.length) return this.#send(batch)
    this.#goAway('held')
    return this.#sendOf(batch, room)
  }

  /** Held back: sends what its client takes of what was offered. True: all of it went, and there is room for more. */
  release(): boolean {
    if (this.#rest !== undefined) this.#sendOf(this.#rest, this.#host.roomFrom(this, this.#rest.from))
    if (this.#rest !== undefined) return false
    return this.#epoch === undefined || this.#host.roomFrom(this, parseOffset(this.#offset + 1)) > 0
  }

  /** It was held back, and is no more. */
  comeBack(): Refusal | undefined {
    return this.isHeldBack ? this.#begin() : undefined
  }

  /** `room`: frames that may go; the others stay. */
  #sendOf(batch: Batch, room: number): boolean {
    const count = Math.min(Math.max(0, room), batch.frames.length)
    this.#rest = count === batch.frames.length ? undefined : partOf(batch, count)
    return count === 0 || this.#send(partOf(batch, 0, count))
  }

  #send(batch: Batch): boolean {
    this.#offset = batch.next - 1
    const cursor = cursorOf(this.#lap, this.#offset)
    if (cursor >= this.#cursor) {
      this.#cursor = cursor
      this.#cursorEpoch = this.#epoch
    }
    return this.#host.write(this, batch)
  }

  close(reason: CloseReason, _channel: string, returnMs?: number): void {
    this.#state = 'off'
    this.#subscription = undefined
    this.#host.lost(reason, returnMs)
  }

  #moveTo({ epoch, offset }: Position): void {
    this.#epoch = epoch
    this.#offset = offset
  }

  #tell({ epoch, offset }: Position): void {
    // What it was sent of this very numbering comes once more, because it asked: it knows that, and no lap is used up.
    const isRepeat = epoch === this.#cursorEpoch && offset <= offsetOf(this.#cursor)
    const lap = isRepeat ? this.#lap : lapAbove(this.#lap, offset, this.#cursor)
    if (lap !== undefined) this.#lap = lap
    this.#host.missing(this, offset, lap === undefined ? undefined : cursorOf(lap, offset + 1))
  }
}
