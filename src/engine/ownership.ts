// Who owns which channel as one worker knows it, and what it is called itself. Both change once, where another process takes
// the place of this one: then no channel is its own any more.
import type { Slot } from './words/link.ts'
import type { ChannelName } from './words/publication.ts'

/** The owner map, as far as the engine asks it. */
export type ChannelMap = (channel: ChannelName) => Slot

export class Ownership {
  #slot: Slot
  #map: ChannelMap

  constructor(slot: Slot, map: ChannelMap) {
    this.#slot = slot
    this.#map = map
  }

  /** Some of the channels are this worker's. */
  isOwner = true

  /** Of this worker. */
  get slot(): Slot {
    return this.#slot
  }

  readonly ownerOf: ChannelMap = channel => this.#map(channel)

  /** `slot`: what this worker is called by the owners, none of which has that number. */
  follow(slot: Slot, map: ChannelMap): void {
    this.isOwner = false
    this.#slot = slot
    this.#map = map
  }
}
