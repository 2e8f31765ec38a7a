// Presence, the hub's part (law 11): owners are told once a turn how many subscribers their channels have here,
// however many came and went.
import type { Clock } from '../../std/clock.ts'
import type { Audience } from './outbox.ts'

export interface PresenceDependencies {
  readonly clock: Clock
  /** To the owner, if the audience still is the channel's. */
  tell(audience: Audience): void
}

export class Presence {
  readonly #dependencies: PresenceDependencies
  readonly #changed = new Set<Audience>()

  constructor(dependencies: PresenceDependencies) {
    this.#dependencies = dependencies
  }

  changed(audience: Audience): void {
    if (this.#changed.size === 0) this.#dependencies.clock.endOfTurn(() => this.#tell())
    this.#changed.add(audience)
  }

  #tell(): void {
    for (const audience of this.#changed) this.#dependencies.tell(audience)
    this.#changed.clear()
  }
}
