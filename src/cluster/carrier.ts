// The lower port of the room: one broker's ways, without any judgement of what follows from them. Whoever is above proves
// that nothing is missing; a carrier only says what it was told, in the order in which it came.
import type { Epoch, Offset } from '../engine/words/position.ts'
import type { ChannelName } from '../engine/words/publication.ts'

/** What somebody has of a channel: everything of the epoch below `next`. */
export interface Known {
  readonly epoch: Epoch
  readonly next: Offset
}

/** What a publisher says of a draft's order (law 16): judged by the channel's record, in the same step as the append. */
export interface AppendSequence {
  /** Undefined: it has none. An empty one is one. Another append of the channel with the same id is `seen` for `seenMs`. */
  readonly id: string | undefined
  readonly seenMs: number
  /** Undefined: it may follow whatever is there (nothing was said, or it waited for long enough). */
  readonly after: string | undefined
  /** It stands beside the order: the record's last id stays as it is. */
  readonly isLoose: boolean
}

/** Not appended, for certain: it names another one than the record's last id, which is this. */
export interface NotNext {
  readonly last: string
}

/** A draft on its way: the script appends it whole, or not at all. */
export interface Append {
  readonly channel: ChannelName
  /** What travels and is kept (envelope.ts). The carrier does not look into it. */
  readonly envelope: Uint8Array
  /** Publications kept; 0: none. */
  readonly historySize: number
  readonly historyTtlMs: number
  /** A second append of the channel with the same key, on any node, gets the first one's position. */
  readonly key: string | undefined
  readonly keyTtlMs: number
  /** The highest offset that this node ever saw of the channel, or 0: a new epoch begins 2^18 beyond it at least. */
  readonly reached: number
  readonly sequence: AppendSequence | undefined
}

/**
 * What became of one: appended; certainly not (`away`, `overloaded`); or nobody knows (`unknown`), for it was written and
 * not answered.
 */
export type AppendOutcome = Appended | NotNext | 'seen' | 'away' | 'overloaded' | 'unknown'

export interface Appended {
  readonly epoch: Epoch
  readonly offset: Offset
  /** It is the position of an earlier one with the same key. */
  readonly duplicate: boolean
  /** Subscribers of the channel on other nodes. */
  readonly elsewhere: number
}

/** Where a channel is. A broker that has no record of it makes one. */
export interface Where extends Known {
  /** The first offset of the epoch. */
  readonly first: Offset
  /**
   * The numbering before this one, as far as this broker had it when it began the new one. Undefined: there was none, or the
   * broker has it from somewhere that may be older than what it acknowledged.
   */
  readonly previous: Known | undefined
  /** The last id of the record, as of `next`; undefined: none is known. */
  readonly lastId: string | undefined
}

/** What a broker has of a channel, for whoever only looks: no record is made. */
export interface Inspected extends Where {
  readonly kept: number
}

/** A part of one numbering: contiguous, at least one entry where there is one below the end. At most 1,000, or 1 MiB. */
export interface Stretch {
  /** The oldest offset at or above the one asked for that is kept, or the numbering's end: some is gone if it is above. */
  readonly from: Offset
  readonly envelopes: readonly Uint8Array[]
}

/**
 * A broker is one or more *lanes*: parts that come and go by themselves, each with the channels that hash to it (a standalone
 * server is one, each partition of a Redis Cluster is one). The order of what is heard of one lane, answers and deliveries, is
 * the broker's order. Every `done` is called exactly once, within the carrier's deadline. Where the lane goes down before the
 * answer came it is called with `away` (or `unknown`, for an append that was written), and that before `down` is said. Whoever
 * is told so may ask again: a call for a lane that is down is answered with `away` at once.
 */
export interface Carrier {
  readonly lanes: number
  laneOf(channel: ChannelName): number
  /** Connects, and tries for ever. Called once, before anything else. */
  start(events: CarrierEvents): void
  /** `done('ok')`: whatever is appended from here on is delivered. A channel that is subscribed already is no mistake. */
  subscribe(lane: number, channels: readonly ChannelName[], done: (outcome: 'ok' | 'away') => void): void
  unsubscribe(lane: number, channels: readonly ChannelName[]): void
  /** In their order. One call at a time and lane; all of the lane. Outcomes in the order of the batch. */
  append(lane: number, batch: readonly Append[], done: (outcomes: readonly AppendOutcome[]) => void): void
  /** `reached`: as in `Append`. */
  ask(channel: ChannelName, reached: number, done: (where: Where | 'away') => void): void
  /** Those of which the broker's epoch or next offset, or its term, is another one; their indices. At most 250 a call. */
  compare(
    lane: number,
    channels: readonly (Known & { readonly channel: ChannelName })[],
    done: (different: readonly number[] | 'away') => void,
  ): void
  /** A stretch of that epoch, which is the channel's present or previous one; else `other-epoch`. */
  read(
    channel: ChannelName,
    epoch: Epoch,
    from: Offset,
    to: Offset,
    done: (stretch: Stretch | 'other-epoch' | 'away') => void,
  ): void
  inspect(channel: ChannelName, done: (inspected: Inspected | undefined | 'away') => void): void
  /** Everything of its present epoch up to there may go; an offset that it has not given is nothing to it. */
  trim(channel: ChannelName, through: Offset): void
  /** This node's subscribers of the channel. */
  count(channel: ChannelName, subscribers: number): void
  /** Subscribers on all other nodes that live. */
  elsewhere(channel: ChannelName, done: (subscribers: number | 'away') => void): void
  /** `done('ok')`: whatever is appended from here on to a channel of the lane that fits comes by `matched`. */
  watch(lane: number, pattern: string, done: (outcome: 'ok' | 'away') => void): void
  unwatch(lane: number, pattern: string): void
  statistics(): Record<string, number>
  /** Gives up what it holds of the broker, this node's counts among it, within the deadline; then calls `done`. No event follows. */
  close(done: () => void): void
}

export interface CarrierEvents {
  /** Nothing is subscribed to or watched in it yet. */
  up(lane: number): void
  /** `reason`: a sentence for operators, without secrets. */
  down(lane: number, reason: string): void
  delivery(channel: ChannelName, epoch: Epoch, offset: Offset, envelope: Uint8Array): void
  /** Of a pattern that is watched, once, however many fit. */
  matched(channel: ChannelName, epoch: Epoch, offset: Offset, envelope: Uint8Array): void
  /** The broker ended these subscriptions by itself; the lane is up. */
  lost(channels: readonly ChannelName[]): void
}
