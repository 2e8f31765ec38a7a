// One channel of one connection of the model, as a session keeps it: how it resumes by a bare cursor, tells gaps, and rises
// in laps. What a feed of the daemon does is this, with a wire in place of a list.
import type { Batch, Format, Subscriber } from '../../../src/engine/reader/subscriber.ts'
import type { Wire } from '../../../src/engine/reader/wire.ts'
import { type Position, parseOffset, type Since } from '../../../src/engine/words/position.ts'
import type { CloseReason } from '../../../src/engine/words/refusal.ts'
import {
  cursorOf,
  type Lap,
  lapAbove,
  lapOf,
  offsetOf,
} from '../../../src/frontends/pushwire/wire/cursors.ts'

const laps = [0, 1, 2, 3] as const satisfies readonly Lap[]

/** One for each lap: all clients of a lap share frames. */
const formats: readonly Format[] = laps.map(lap => ({
  id: `pushwire model ${lap}`,
  encode: ({ offset, content }) =>
    Buffer.from(`${cursorOf(lap, offset)} ${Buffer.from(content.payload).toString()};`),
}))

export type Told =
  | { readonly op: 'frame'; readonly cursor: number; readonly text: string }
  | { readonly op: 'resume_required'; readonly from: number }

/** What a feed has of its connection. */
export interface FeedConnection {
  readonly wire: Wire
  /** The channel is live, before anything is said of it. `gap`: something of what was asked for is gone. */
  attached(gap: boolean): void
  /** To the client, behind what was said before. */
  say(told: Told): void
  /** Whether the socket took all that was said. */
  takes(): boolean
  /** The session ends: the engine let go of the channel, or no lap is left for it. */
  end(reason: CloseReason | 'laps'): void
}

/** Faults of a feed, to prove that the model sees them. */
export type FeedFault = 'gap-untold' | 'lap-forgotten' | undefined

/** Where a feed goes on. */
export interface FeedPlace {
  /** Undefined: live, from now on. */
  readonly since: Since | undefined
  readonly lap: Lap
  /** The highest cursor that the client has of the channel, as far as it was said or sent; 0: none. */
  readonly highest: number
}

/** By the cursor that a client names: 0 is all that is held. Undefined: none is named, which is as 0 in client scope. */
export function placeOf(cursor: number | undefined, scope: 'channel' | 'client'): FeedPlace {
  if (cursor === undefined && scope === 'channel') return { since: undefined, lap: 0, highest: 0 }
  const [lap, offset] = [lapOf(cursor ?? 0), offsetOf(cursor ?? 0)]
  // Bare: the current epoch, unless it is older than that epoch's first.
  return { since: { epoch: undefined, offset: parseOffset(offset) }, lap, highest: cursor ?? 0 }
}

export class ModelFeed implements Subscriber {
  readonly wire: Wire
  readonly since: Since | undefined
  readonly #connection: FeedConnection
  readonly #fault: FeedFault
  #lap: Lap
  #highest: number
  #position: Position | undefined

  constructor(connection: FeedConnection, { since, lap, highest }: FeedPlace, fault: FeedFault) {
    this.#connection = connection
    this.wire = connection.wire
    this.since = since
    this.#lap = lap
    this.#highest = highest
    this.#fault = fault
  }

  /** Of its lap now: the engine asks for it as it writes. */
  get format(): Format {
    return formats[this.#lap] ?? formats[0]! // there is one for each
  }

  get isAttached(): boolean {
    return this.#position !== undefined
  }

  /** Where the same session goes on if it subscribes again. */
  get place(): FeedPlace {
    return { since: this.#position ?? this.since, lap: this.#lap, highest: this.#highest }
  }

  attached(position: Position, gap: boolean): void {
    this.#position = position
    this.#connection.attached(gap)
    // Who has nothing misses nothing.
    if (gap && this.#highest > 0) this.#tellGap(position)
  }

  gap(position: Position): boolean {
    this.#position = position
    this.#tellGap(position)
    return true
  }

  offer({ frames, next }: Batch): boolean {
    for (const frame of frames) {
      const [, digits = '', text = ''] = /^(\d+) (.*);$/.exec(Buffer.from(frame).toString()) ?? []
      this.#highest = Number(digits)
      this.#connection.say({ op: 'frame', cursor: this.#highest, text })
    }
    if (this.#position !== undefined) this.#position = { ...this.#position, offset: parseOffset(next - 1) }
    return this.#connection.takes()
  }

  close(reason: CloseReason): void {
    this.#connection.end(reason)
  }

  /** Before the frames that follow: the engine calls before it offers. */
  #tellGap({ offset }: Position): void {
    const lap = this.#fault === 'lap-forgotten' ? this.#lap : lapAbove(this.#lap, offset, this.#highest)
    if (lap === undefined) return this.#connection.end('laps')
    this.#lap = lap
    if (this.#fault === 'gap-untold') return
    this.#connection.say({ op: 'resume_required', from: cursorOf(lap, offset + 1) })
  }
}
