// When a stream's next page is due: so long after every one of its channels has had an item (contract §5.6).
import type { Held } from './hold.ts'
import type { Timer, Timers } from './timers.ts'

export class PageClock {
  readonly #timer: Timer
  readonly #channels: () => readonly Held[]
  /** Channels that have had no item since the timer began. */
  #quiet: Set<string>

  constructor(timers: Timers, timeoutMs: number, channels: () => readonly Held[], due: () => void) {
    this.#channels = channels
    this.#quiet = this.#all()
    this.#timer = timers.once(timeoutMs, due)
  }

  seen({ full }: Held): void {
    this.#quiet.delete(full)
    if (this.#quiet.size > 0) return
    this.#quiet = this.#all()
    this.#timer.restart()
  }

  cancel(): void {
    this.#timer.cancel()
  }

  #all(): Set<string> {
    return new Set(this.#channels().map(({ full }) => full))
  }
}
