// The messages of what is being offered. All subscribers that are up to date are offered the same bytes one after the
// other, so the last split is nearly always the one that is needed.
import type { Clock } from '../../std/clock.ts'
import { splitMessages } from './codec.ts'

const none: readonly Uint8Array[] = []

export class Splits {
  readonly #clock: Clock
  #bytes: Uint8Array | undefined
  #messages = none

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(bytes: Uint8Array): readonly Uint8Array[] {
    if (bytes !== this.#bytes) {
      // Nothing is kept beyond the turn: the bytes are the engine's.
      if (this.#bytes === undefined) this.#clock.endOfTurn(() => this.#forget())
      this.#bytes = bytes
      this.#messages = splitMessages(bytes)
    }
    return this.#messages
  }

  #forget(): void {
    this.#bytes = undefined
    this.#messages = none
  }
}
