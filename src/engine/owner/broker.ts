// The port to whatever orders the channels: this worker's own ledger, or what joins several nodes. Every call may be
// answered later; whoever is alone answers before the call returns.
import type { Keep } from '../words/namespace.ts'
import type { Epoch, Offset, Position } from '../words/position.ts'
import type { ChannelName, Draft, Publication, Published } from '../words/publication.ts'
import type { ChannelInspection, InspectOptions } from './inspection.ts'

/** What a follower had of a channel that it follows anew: everything of the epoch below `next`. */
export interface Held {
  readonly epoch: Epoch
  readonly next: Offset
}

/** How a draft is judged that says its order (law 16), in one step with the place that it gets. */
export interface Ordering {
  /** It waited for long enough: it gets its place whatever it follows. Its id may be seen all the same. */
  readonly isForced: boolean
  /** How long its id is known. */
  readonly seenMs: number
}

/** Not appended, for certain: it follows another one than the last of the channel, whose id this is. */
export interface NotNext {
  readonly last: string
}

/** Its id was published a short while ago, or it is not next. */
export type Unordered = 'seen' | NotNext

/** Why a draft was not appended, for certain, or (`owner-lost`) perhaps not. */
export type NotAppended = 'overloaded' | 'broker-away' | 'owner-lost'

/** Since when, by the clock, nothing can be ordered, and why: for logs and readiness, without secrets. */
export interface Away {
  readonly sinceMs: number
  readonly reason: string
}

/** A part of a channel's order. */
export interface Page {
  /**
   * The offset that was asked for. One above it says that some of what was asked for is gone, and is the oldest offset that
   * can be asked for, or the channel's next one.
   */
  readonly from: Offset
  /** Contiguous from there on, at least one if there is any below the end that was asked for. Empty where some is gone. */
  readonly publications: readonly Publication[]
}

/**
 * 1. Order. All who follow a channel MUST be told the same publications at the same offsets, and the offsets of an epoch
 *    MUST be contiguous.
 * 2. Atomic. Position, history, idempotency key and delivery to the followers MUST happen together or not at all.
 * 3. Fate. A refusal other than `owner-lost` MUST mean that the draft was certainly not appended. Where that is not known it
 *    MUST be `owner-lost`. A draft MUST NOT be appended twice without being asked twice.
 * 4. Sequence. Drafts of one channel MUST keep the order in which they were handed in, unless one of them is refused.
 * 5. Continuity. `publication` MUST only be said where it is proven that nothing before it is missing or was replaced.
 *    What is not proven is a gap.
 * 6. Gap. A gap MUST name the earliest place from which everything will follow.
 * 7. Epoch. A position of one epoch MUST never name two publications. A new epoch MUST begin above everything that the
 *    broker ever knew of the channel, and 2^18 beyond what any follower had that asks (law 8).
 * 8. Bounded. What is under way, pages, waits and retries MUST have limits.
 * 9. Back. A broker that is away MUST try to come back for ever, and MUST bring every followed channel to `publication`,
 *    `renumbered` or `gap` before it says that it is there again. What is asked of it meanwhile waits: whoever asks has a
 *    time of its own.
 * 10. Silence. That publications arrive MUST be shown by a round trip through the same path, not by the absence of errors.
 */
export interface Broker {
  /** Undefined: it can be reached. */
  readonly away: Away | undefined
  /**
   * Gives the draft its place. `done` MUST be called exactly once, and after the publication was told to this worker, if it
   * follows the channel. `keep`: what is kept of it, as the channel's namespace here says.
   */
  publish(draft: Draft, keep: Keep, done: (outcome: Published | NotAppended) => void): void
  /** The same for a draft that says its order, where nodes are joined: whether it is next is judged by what all of them published. */
  publishNext(
    draft: Draft,
    keep: Keep,
    ordering: Ordering,
    done: (outcome: Published | NotAppended | Unordered) => void,
  ): void
  /**
   * Begins to follow; the name holds no memory of others. MUST be answered by `followed` once, unless `unfollow` comes
   * first. `held`: a new epoch begins 2^18 beyond it.
   */
  follow(channel: ChannelName, held: Held | undefined): void
  /**
   * Nothing more of the channel MUST be told but what is published here, and what was asked of it need not be answered any
   * more. `awaited`: its subscribers did not leave, and come back.
   */
  unfollow(channel: ChannelName, awaited: boolean): void
  /** Brings the channel up to the broker's head of now, then calls `done`. */
  refresh(channel: ChannelName, done: () => void): void
  /**
   * Nobody wants what is kept of the channel up to there: it goes from history, and no cursor moves (law 2). For an offset
   * that the channel has not given yet nothing MUST go: it is of another numbering.
   */
  trim(channel: ChannelName, through: Offset): void
  /** What a followed channel's epoch has from `from` up to `to`, which is not beyond what the follower was told. */
  read(channel: ChannelName, from: Offset, to: Offset, done: (page: Page) => void): void
  /** What is known of any channel; a record of it is not made. */
  inspect(
    channel: ChannelName,
    options: InspectOptions,
    done: (outcome: ChannelInspection | 'broker-away') => void,
  ): void
  /** The followed channel has so many subscribers on this node now. Others hear of it within a second or two. */
  count(channel: ChannelName, subscribers: number): void
  /** Subscribers of the channel on all other nodes, as far as is known. */
  elsewhere(channel: ChannelName, done: (subscribers: number) => void): void
  /** `done`: whatever is published from here on to a channel that fits comes by `matched`, if `isFed`. */
  watch(pattern: string, done: () => void): void
  unwatch(pattern: string): void
  /** What patterns match comes by `matched`, each publication once; else it is what `publication` tells. */
  readonly isFed: boolean
  statistics(): Record<string, number>
  close(): void
}

/** What a worker's spread asks of it, or of what stands before it. */
export interface Followable
  extends Pick<Broker, 'follow' | 'unfollow' | 'refresh' | 'read' | 'count' | 'watch' | 'unwatch' | 'isFed'> {
  /** A hub attached that had the channel from another owner. */
  returned?(channel: ChannelName): void
}

/** What a follower is told, always in the order of the channel. */
export interface BrokerEvents {
  /**
   * The channel is followed: `next` is the place of the first publication that follows. `lastId`: the id that its publisher
   * may name as the one before; undefined: none is known.
   */
  followed(channel: ChannelName, next: Position, lastId?: string): void
  /**
   * Of a channel that is followed its offset MUST be the one that comes next. Of another one it is told if it was
   * published here: somebody may watch for a pattern.
   */
  publication(publication: Publication): void
  /** Publications before `next` are missing. Nothing that was read before holds any more. `lastId`: as for `followed`. */
  gap(channel: ChannelName, next: Position, lastId?: string): void
  /** Nothing is missing, but the numbering goes on elsewhere: `to` is the next place, where `from` would have been. */
  renumbered(channel: ChannelName, from: Position, to: Position): void
  /** Some pattern that is watched here fits its channel; the channel's own followers are told by `publication`. */
  matched(publication: Publication): void
  /** Something that a watched pattern fits may be missing. */
  patternGap(): void
  /** Subscribers of the channel on this node: the answer to a publisher counts them. */
  presence(channel: ChannelName): number
}
