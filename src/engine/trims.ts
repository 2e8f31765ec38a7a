// What readers of private channels have done with (law 17), on its way to the owners: of each channel the highest offset of a turn goes,
// whatever came before it. One that does not arrive costs memory and nothing else.
import type { Clock } from '../std/clock.ts'
import type { Ownership } from './ownership.ts'
import type { Link, Slot } from './words/link.ts'
import type { Offset } from './words/position.ts'
import type { ChannelName } from './words/publication.ts'

interface TrimsDependencies {
  readonly ownership: Ownership
  readonly clock: Clock
  trimHere(channel: ChannelName, through: Offset): void
  /** Undefined while no link leads there. */
  link(owner: Slot): Link | undefined
}

export class Trims {
  readonly #dependencies: TrimsDependencies
  /** Of this turn. */
  readonly #due = new Map<ChannelName, Offset>()

  constructor(dependencies: TrimsDependencies) {
    this.#dependencies = dependencies
  }

  trim(channel: ChannelName, through: Offset): void {
    if (this.#due.size === 0) this.#dependencies.clock.endOfTurn(() => this.#send())
    if (through > (this.#due.get(channel) ?? -1)) this.#due.set(channel, through)
  }

  #send(): void {
    const { ownership, trimHere, link } = this.#dependencies
    for (const [channel, through] of this.#due) {
      const owner = ownership.ownerOf(channel)
      if (owner === ownership.slot) trimHere(channel, through)
      else link(owner)?.sendReserved(['trim', channel, through])
    }
    this.#due.clear()
  }
}
