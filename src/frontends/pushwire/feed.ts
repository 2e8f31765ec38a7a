// One channel of a session, as the engine sees it: where its client is, in which lap its cursors are, and when it must be
// told that something is missing. A feed that is away keeps its place, and goes on from there (contract §1.4, §3.3).
import type { Engine } from '../../engine/engine.ts'
import type { Batch, Format, Subscriber, Subscription } from '../../engine/reader/subscriber.ts'
import type { Wire } from '../../engine/reader/wire.ts'
import { type Offset, type Position, parseOffset, type Since } from '../../engine/words/position.ts'
import type { ChannelName } from '../../engine/words/publication.ts'
import type { CloseReason, Refusal } from '../../engine/words/refusal.ts'
import type { ChannelPlan } from './config.ts'
import { cursorOf, type Lap, lapAbove, lapOf, offsetOf } from './cursors.ts'
import { pushwireSection } from './settings.ts'
import type { Place } from './vector.ts'

/** The session of a feed. */
export interface FeedHost {
  readonly engine: Engine
  readonly wire: Wire
  formatOf(feed: Feed): Format
  /** It is live for the first time since it subscribed. */
  attached(): void
  /** Frames are missing: what comes next has this cursor. Undefined: its cursors can go no higher. */
  missing(feed: Feed, fromCursor: number | undefined): void
  /** As much of it as its client takes now; undefined: nothing. */
  partOf(feed: Feed, batch: Batch): Batch | undefined
  write(feed: Feed, batch: Batch): boolean
  lost(reason: CloseReason): void
}

export class Feed implements Subscriber {
  readonly plan: ChannelPlan
  readonly channel: ChannelName
  readonly #host: FeedHost
  #subscription: Subscription | undefined
  /** It went away because its client asked for no more yet. */
  isHeldBack = false
  /** Behind what the next frame comes; undefined: not live yet, and what it asked for stands in `#asked`. */
  #position: Position | undefined
  #asked: Since | undefined
  /** The highest cursor that its client has. */
  #cursor: number
  #lap: Lap

  constructor(host: FeedHost, plan: ChannelPlan, channel: ChannelName, place: Place | undefined) {
    this.#host = host
    this.plan = plan
    this.channel = channel
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

  /** Somebody subscribed, and the engine has it. */
  get isOn(): boolean {
    return this.#subscription !== undefined
  }

  get isLive(): boolean {
    return this.isOn && this.#position !== undefined
  }

  /** The highest cursor that its client has; 0: none. */
  get cursor(): number {
    return this.#cursor
  }

  /** Behind what the next frame comes; without an epoch as long as that is not known. */
  get place(): Place {
    if (this.#position === undefined) return { epoch: undefined, cursor: this.#cursor }
    return { epoch: this.#position.epoch, cursor: cursorOf(this.#lap, this.#position.offset) }
  }

  /** Goes on where its client is. */
  subscribe(): Refusal | undefined {
    if (this.isOn) return undefined
    this.isHeldBack = false
    const since = this.#asked ?? this.#position
    this.#asked = since
    this.#position = undefined
    const outcome = this.#host.engine.subscribe(this.channel, this, {
      via: pushwireSection.name,
      since,
      rest: true,
    })
    if (typeof outcome === 'string') return outcome
    // It may have ended before the call returned.
    this.#subscription = outcome
    return undefined
  }

  /** Its place stays. */
  unsubscribe(): void {
    this.isHeldBack = false
    if (this.#subscription === undefined) return
    this.#host.engine.unsubscribe(this.#subscription)
    this.#subscription = undefined
  }

  /** Begins anew behind that cursor, as its client asks. */
  replay({ cursor, epoch }: Place): Refusal | undefined {
    this.unsubscribe()
    this.#asked = { epoch, offset: parseOffset(offsetOf(cursor)) }
    this.#lap = lapOf(cursor)
    this.#cursor = cursor
    return this.subscribe()
  }

  attached(position: Position, gap: boolean): void {
    this.#asked = undefined
    this.#position = position
    // Whoever has nothing takes any first cursor.
    if (gap && this.#cursor > 0) this.#tell(position.offset)
    this.#host.attached()
  }

  gap(position: Position): boolean {
    this.#position = position
    this.#tell(position.offset)
    return true
  }

  /** What its client asked not to be sent yet waits where it is: the feed goes away, and comes back with an ack. */
  offer(batch: Batch): boolean {
    const part = this.#host.partOf(this, batch)
    if (part !== undefined) this.#pass(part.next)
    const taken = part === undefined || this.#host.write(this, part)
    if (part !== batch) {
      this.unsubscribe()
      this.isHeldBack = true
    }
    return taken
  }

  #pass(next: Offset): void {
    const epoch = this.#position?.epoch
    if (epoch === undefined) return
    const offset = parseOffset(next - 1)
    this.#position = { epoch, offset }
    this.#cursor = cursorOf(this.#lap, offset)
  }

  close(reason: CloseReason): void {
    this.#subscription = undefined
    this.#host.lost(reason)
  }

  #tell(offset: Offset): void {
    const lap = lapAbove(this.#lap, offset, this.#cursor)
    if (lap === undefined) return this.#host.missing(this, undefined)
    this.#lap = lap
    this.#host.missing(this, cursorOf(lap, offset + 1))
  }
}
