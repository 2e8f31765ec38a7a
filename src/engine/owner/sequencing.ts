// What keeps the order that publishers ask for by ids of their own (law 16): of a node that stands alone, or of one among others.
import type { ChannelName, Draft, Publication, Published, Unplaced } from '../words/publication.ts'
import type { Refusal } from '../words/refusal.ts'
import type { Sequence } from '../words/sequence.ts'
import type { Orders, OrdersLimits } from './orders.ts'
import type { SeenLimits } from './seen-ids.ts'

export interface SequencerLimits extends SeenLimits, OrdersLimits {
  /** How long a draft is held at most, but for the time until the next sweep, which is up to a second. */
  readonly waitMs: number
  /** Drafts that are held of one channel; the one that waited longest goes on when one more comes. */
  readonly heldMax: number
  /** Of all channels of a worker; beyond it drafts that would be held are refused. */
  readonly heldBytesMax: number
}

/** What a channel's order is to the worker that takes over. */
export interface OrderSnapshot {
  readonly last: string | undefined
  /** In the order in which they came. */
  readonly held: readonly (readonly [waitedMs: number, draft: Draft])[]
  readonly seen: readonly (readonly [id: string, leftMs: number])[]
  /** How long it is remembered though nobody subscribes. */
  readonly lingerMs: number
}

export interface Sequencing {
  readonly orders: Orders
  readonly retired: boolean
  /** Held drafts that get their place yet, of a node that stops. */
  readonly pending: number
  /** Calls `done` exactly once, possibly before it returns. */
  publish(draft: Draft, sequence: Sequence, done: (outcome: Published | Unplaced | Refusal) => void): void
  /** What the next publication of a channel follows, as the broker knows it; undefined: it does not. Left out: it is known here. */
  known?(channel: ChannelName, lastId: string | undefined): void
  /** A publication of a channel that is followed here has its place. Left out: it is known here. */
  placed?(publication: Publication): void
  /** The id that the next publication of the channel follows. */
  lastId(channel: string): string | undefined
  /** Whatever comes next may follow, in every channel. What is held stays so. */
  forgetLastIds(): void
  /** Before the snapshot of a node that stops: whatever is held goes on, in the order in which it came. */
  close(): void
  /** Nothing may be published after a farewell. */
  retire(): void
  /** What is held stays so while `on`: a snapshot was taken that somebody else may go on with. */
  rest(on: boolean): void
  /** By channel. */
  snapshot(): Map<string, OrderSnapshot>
  /** Before anything is published. Time that passed since the snapshot counts. */
  restore(channel: ChannelName, snapshot: OrderSnapshot, goneMs: number): void
  statistics(): Record<string, number>
}
