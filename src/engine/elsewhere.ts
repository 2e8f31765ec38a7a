// The port to channels that other nodes own, where several nodes share them by a map (ARCHITECTURE, Owner map). What is said
// of one goes to its node; a subscription is served there alone.
import type { InspectOptions, InspectOutcome } from './owner/inspection.ts'
import type { ChannelName, Draft, Published, Unplaced } from './words/publication.ts'
import type { Refusal } from './words/refusal.ts'

export interface Elsewhere {
  /** Whether another node owns the channel now. Never true of a private channel. */
  owns(channel: ChannelName): boolean
  /** The map changes: who is refused here may well come to the right node when it comes again. */
  readonly isMoving: boolean
  /** Publishes that other nodes have not answered yet. */
  readonly pending: number
  /** Each calls `done` once. Where the fate of a draft is unknown, or its node is away, that is `owner-lost`. */
  publish(draft: Draft, done: (outcome: Published | Unplaced | Refusal) => void): void
  presence(channel: ChannelName, done: (subscribers: number | undefined) => void): void
  inspect(channel: ChannelName, options: InspectOptions, done: (outcome: InspectOutcome) => void): void
}
