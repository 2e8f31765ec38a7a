// What a client of the model asks of the world around it, to judge what it is told.
import type { Policy } from '../../src/engine/words/namespace.ts'
import type { OwnerModel } from './model.ts'

export interface World {
  readonly model: OwnerModel
  ownerOf(channel: string): number
  policyOf(channel: string): Policy
  /** Since all was last quiet, something happened that may cost subscribers of the worker publications. */
  disturbed(slot: number, channel: string): boolean
  /** The worker waits for the channel's owner, or for its answer to what a subscriber missed. */
  waits(slot: number, channel: string): boolean
  /** Offsets grow from epoch to epoch by the clock, not only by what hubs know. */
  readonly clockMoves: boolean
  /**
   * Patterns can be flooded: nobody can be asked to slow down for them. Or a broker answers late: what it sends then may
   * fill a link after all was quiet, which no answer told of.
   */
  readonly floods: boolean
  /** A subscriber of the worker missed so many because its policy skips. */
  skipped(slot: number, count: number): void
}
