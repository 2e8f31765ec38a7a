// What an origin wants its client to get later (contract §8.5, send-delayed): one message at a time. Another one sends the one
// that waits at once, and whoever goes takes it with him.
import type { Timer, Timers } from '../hold/timers.ts'
import type { OwnMessage } from './control-messages.ts'

export class Delayed {
  readonly #timers: Timers
  readonly #send: (message: OwnMessage) => void
  #message: OwnMessage | undefined
  #timer: Timer | undefined

  constructor(timers: Timers, send: (message: OwnMessage) => void) {
    this.#timers = timers
    this.#send = send
  }

  set(message: OwnMessage, timeoutMs: number): void {
    this.flush()
    this.#message = message
    this.#timer = this.#timers.once(timeoutMs, () => this.flush())
  }

  /** What waits is sent now. */
  flush(): void {
    const message = this.#message
    this.drop()
    if (message !== undefined) this.#send(message)
  }

  drop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#message = undefined
  }
}
