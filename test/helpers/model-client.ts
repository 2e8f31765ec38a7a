// A client of the model: one connection with its subscriptions, which checks all that it is told against the model at
// once. What it asks of the world around it (who died, which link was full) says whether a gap was rightly told.
import { deepEqual, equal, fail, ok } from 'node:assert/strict'
import type { Batch, Subscriber, Subscription } from '../../src/engine/reader/subscriber.ts'
import { Wire } from '../../src/engine/reader/wire.ts'
import type { Position } from '../../src/engine/words/position.ts'
import type { CloseReason } from '../../src/engine/words/refusal.ts'
import type { Asked } from './model.ts'
import type { ModelFormat, Reading } from './model-format.ts'
import { LaneCheck } from './model-lanes.ts'
import type { PatternTrack } from './model-pattern.ts'
import type { World } from './model-world.ts'

/** A client's view of one channel. */
export class Track {
  readonly world: World
  readonly slot: number
  readonly channel: string
  readonly since: Asked | undefined
  subscription: Subscription | undefined
  state: 'waiting' | 'live' | 'closed' | 'left' = 'waiting'
  epoch = ''
  last = -1
  /** Its wire refused bytes since it last had everything. */
  delayed = false
  /** It was behind when the world came to rest after a disturbance: the gap may be told later. */
  disturbed = false
  #untold = false
  /** The last offset that its worker, too, has seen. */
  #received = -1
  /** Nobody had what it says it has: the answer may be that, or that by now somebody has. */
  readonly #future: boolean
  readonly #reads: (text: string) => Reading
  /** Behind a gap it is given all that is left (law 18). */
  readonly #rest: boolean

  constructor(
    world: World,
    slot: number,
    channel: string,
    since: Asked | undefined,
    reads: (text: string) => Reading = () => 'framed',
    rest = false,
  ) {
    this.world = world
    this.#rest = rest
    this.#reads = reads
    this.slot = slot
    this.channel = channel
    this.since = since
    this.#future = since !== undefined && since.offset >= (world.model.numberings.get(channel)?.next ?? 0)
  }

  get open(): boolean {
    return this.state === 'waiting' || this.state === 'live'
  }

  attached(position: Position, gap: boolean): void {
    const { since, channel } = this
    const { model } = this.world
    equal(this.state, 'waiting', `${this}: attached is told once`)
    this.state = 'live'
    this.#moveTo(position)
    if (since === undefined) return equal(gap, false, `${this}: it asked for nothing old`)
    const covered = !this.#future && model.covers(channel, since)
    if (gap) this.#checkRest(position)
    if (gap) return ok(!covered, `${this}: history covers ${since.offset}, yet a gap is told`)
    deepEqual(
      [position.offset, position.epoch],
      [since.offset, since.epoch ?? position.epoch],
      `${this}: resumed`,
    )
    const first = model.firstOf(channel, position.epoch) ?? 0
    ok(since.offset + 1 >= first, `${this}: ${since.offset} is older than the epoch, yet no gap is told`)
  }

  gap(position: Position): void {
    const { world, slot, channel, epoch, last, delayed } = this
    equal(this.state, 'live', `${this}: a gap before it is live`)
    const due = this.#due()
    const misses = this.#readingAt(due) === 'gap'
    if (misses && position.epoch === epoch && position.offset === due) return this.#missed(position)
    const policy = world.policyOf(channel)
    const skips = delayed && /^(?:drop-oldest|latest)$/.test(policy)
    const disturbed = this.disturbed || world.disturbed(slot, channel)
    if (!skips) {
      ok(
        !world.model.covers(channel, { epoch, offset: last }),
        `${this}: history covers ${last}, yet a gap is told`,
      )
      ok(disturbed || (delayed && policy === 'catch-up'), `${this}: a gap for no reason after ${last}`)
      this.#checkRest(position)
    } else if (!disturbed) {
      // Nobody drops what is nothing to it, nor what it was about to be told that it misses.
      world.skipped(slot, Math.max(0, position.offset - due + (misses ? 0 : 1)))
    }
    const floor = world.clockMoves ? last : this.#received
    ok(position.offset >= floor, `${this}: offsets run backwards, from ${floor} to ${position.offset}`)
    this.#missed(position)
  }

  /** What the owner holds now it held as it was asked. */
  #checkRest({ epoch, offset }: Position): void {
    const oldest = this.#rest ? this.world.model.oldestOf(this.channel, epoch) : undefined
    ok(oldest === undefined || offset < oldest, `${this}: ${oldest} is left, and it goes on after ${offset}`)
  }

  #missed(position: Position): void {
    this.#moveTo(position)
    this.#untold = true
  }

  /** The next place that is something to it. */
  #due(): number {
    let offset = this.last + 1
    while (this.#readingAt(offset) === 'pass') offset++
    return offset
  }

  #readingAt(offset: number): Reading | undefined {
    const item = this.world.model.at(this.channel, this.epoch, offset)
    return item && this.#reads(item.text)
  }

  frame(offset: number, text: string): void {
    equal(this.state, 'live', `${this}: an offer while it is not live`)
    equal(offset, this.#due(), `${this}: the stream is contiguous`)
    const item = this.world.model.at(this.channel, this.epoch, offset)
    equal(text, item?.text, `${this}: all get what the owner put at ${this.epoch}.${offset}`)
    this.last = offset
    this.#received = offset
    this.#untold = false
  }

  closed(reason: CloseReason, wire: Wire): void {
    ok(this.open, `${this}: closed twice`)
    this.state = 'closed'
    this.world.model.attend(this.channel, false)
    if (reason === 'slow') return ok(wire.blocked, `${this}: closed as slow although its wire takes more`)
    if (reason === 'omitted')
      return equal(this.#readingAt(this.#due()), 'end', `${this}: nothing ends it here`)
    if (reason === 'gap') return ok(this.#untold, `${this}: closed for a gap that is none`)
    if (reason === 'draining') fail(`${this}: nobody drains`)
    ok(this.world.waits(this.slot, this.channel), `${this}: its owner is there`)
  }

  /** Everything under way has arrived, and its wire takes all. */
  complete(): void {
    const numbering = this.world.model.numberings.get(this.channel)
    equal(this.state, 'live', `${this}: still waits`)
    const expected = numbering && [numbering.epoch, numbering.next]
    deepEqual([this.epoch, this.#due()], expected, `${this}: has everything`)
    this.delayed = false
    this.disturbed = false
  }

  leave(): void {
    this.state = 'left'
  }

  toString(): string {
    return `${this.channel} at worker ${this.slot}`
  }

  #moveTo({ epoch, offset }: Position): void {
    const { world, channel, slot } = this
    // An owner that lives in the same worker tells its first position to nobody else.
    if (world.model.firstOf(channel, epoch) === undefined && world.ownerOf(channel) === slot) {
      world.model.observe(channel, epoch, offset + 1)
    }
    ok(world.model.firstOf(channel, epoch) !== undefined, `${this}: nobody began epoch ${epoch}`)
    const last = world.model.lastOf(channel, epoch)
    ok(offset <= last, `${this}: position ${offset} is beyond the last, ${last}`)
    this.epoch = epoch
    this.last = offset
  }
}

/** One connection: several channels, or one pattern. */
export class ModelClient implements Subscriber {
  readonly slot: number
  readonly format: ModelFormat
  readonly wire = new Wire()
  /** Its wire can say that something is missing. */
  readonly tells: boolean
  writable = true
  readonly tracks = new Map<string, Track>()
  readonly pattern: PatternTrack | undefined
  readonly #lanes = new LaneCheck()

  constructor(slot: number, tells: boolean, format: ModelFormat, pattern?: PatternTrack) {
    this.slot = slot
    this.tells = tells
    this.format = format
    this.pattern = pattern
  }

  all(): readonly (Track | PatternTrack)[] {
    return this.pattern === undefined ? [...this.tracks.values()] : [this.pattern]
  }

  attached(position: Position, gap: boolean, channel: string): void {
    if (this.pattern === undefined) this.#track(channel).attached(position, gap)
    else this.pattern.attached(gap)
  }

  gap(position: Position, channel: string): boolean {
    if (this.pattern === undefined) this.#track(channel).gap(position)
    else this.pattern.gap()
    return this.tells
  }

  offer({ frames, bytes, size, from, next }: Batch, { name }: Subscription): boolean {
    ok(!this.wire.blocked, 'an offer to a wire that is behind')
    deepEqual([Buffer.concat(frames), bytes.length], [bytes, size], 'the bytes are the frames')
    ok(frames.length > 0 && frames.length <= next - from, 'an offer has frames, and a place for each')
    if (this.pattern === undefined) this.#lanes.offered(name, frames.length, size, this.tracks)
    for (const frame of frames) {
      const whole = /^([#~%]?)([^,]*),(\d+),([^;]*);$/.exec(Buffer.from(frame).toString())
      const [, mark, channel = '', offset, text = ''] = whole ?? fail('frames are whole')
      equal(mark, this.format.mark, 'frames are of its own format')
      if (this.pattern === undefined) {
        equal(name, channel, 'frames are of the subscription')
        ok(Number(offset) >= from && Number(offset) < next, 'frames lie between the places of their batch')
      }
      if (this.pattern === undefined) this.#track(channel).frame(Number(offset), text)
      else this.pattern.frame(channel, Number(offset), text)
    }
    if (!this.writable) {
      for (const track of this.all()) track.delayed = true
    }
    return this.writable
  }

  close(reason: CloseReason, channel: string): void {
    if (this.pattern === undefined) this.#track(channel).closed(reason, this.wire)
    else this.pattern.closed(reason, this.wire)
  }

  #track(channel: string): Track {
    return this.tracks.get(channel) ?? fail(`nothing was asked of ${channel}`)
  }
}
