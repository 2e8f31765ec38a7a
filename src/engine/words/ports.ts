// How hub and shard see each other, in one worker or over a link.
import type { Attach, Slot } from './link.ts'
import type { Offset, Position } from './position.ts'
import type { ChannelName, Publication } from './publication.ts'

/** What a hub asks for subscribers that resume; `recovered` answers it. */
export interface Question {
  readonly request: number
  /** Empty: the current one. */
  readonly epoch: string
  /** Wanted is everything after this. */
  readonly offset: number
  /** Where some of that is gone: all that is left of the channel (law 18). */
  readonly rest: boolean
}

/** The hub's way to the owner of a channel. */
export interface ShardPort {
  attach(attach: Attach): void
  /** `lingerMs`: how long the channel's order is to be remembered though nobody subscribes; see `Sequencer`. */
  detach(channel: ChannelName, lingerMs: number): void
  count(channel: ChannelName, subscribers: number): void
  pressure(channel: ChannelName, on: boolean): void
  recover(channel: ChannelName, question: Question): void
  /** Answered by `watched` with the same attempt. */
  watch(pattern: string, attempt: number): void
  unwatch(pattern: string): void
}

/** The owner's way to one worker's hub. */
export interface HubPort {
  /** False: no credit; nothing was sent. */
  publication(publication: Publication): boolean
  /**
   * `next` is the offset of the first publication that follows, and `lastId` the id that its publisher may name as the one
   * before. A hub that had the channel up to there knows that better: the owner says it as of its own end.
   */
  attached(
    channel: ChannelName,
    attempt: number,
    next: Position,
    gap: boolean,
    lastId: string | undefined,
  ): void
  /**
   * A range from the offset asked for to what was last sent to this hub. On a gap `from` is the oldest offset that could be
   * asked for, and the range begins there if the rest was asked for; else it is empty.
   */
  recovered(
    channel: ChannelName,
    request: number,
    from: Offset,
    range: readonly Publication[],
    gap: boolean,
  ): void
  gap(channel: ChannelName, next: Position, lastId: string | undefined): void
  /** Nothing is missing, but the numbering goes on elsewhere: `to` is the next place, where `from` would have been. */
  renumbered(channel: ChannelName, from: Position, to: Position): void
  /** Of a broker that feeds patterns: some of its worker match it, and it comes once. False: as for `publication`. */
  matched(publication: Publication): boolean
  patternGap(): void
  /** From here on that owner sends what the pattern matches. */
  watched(owner: Slot, pattern: string, attempt: number): void
}
