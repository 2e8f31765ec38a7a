// What an origin wants its client to get later (contract §8.5, send-delayed): one message at a time. Another one sends the one
// that waits at once, and whoever goes takes it with him. What a worker has no room to keep is sent at once, too.
import type { StoredBytes } from '../hold/stored-bytes.ts'
import type { Timer, Timers } from '../hold/timers.ts'
import type { OwnMessage } from './control-messages.ts'

export class Delayed {
  readonly #timers: Timers
  readonly #stored: Pick<StoredBytes, 'take' | 'giveBack'>
  readonly #send: (message: OwnMessage) => void
  #message: OwnMessage | undefined
  #timer: Timer | undefined

  constructor(
    timers: Timers,
    stored: Pick<StoredBytes, 'take' | 'giveBack'>,
    send: (message: OwnMessage) => void,
  ) {
    this.#timers = timers
    this.#stored = stored
    this.#send = send
  }

  set(message: OwnMessage, timeoutMs: number): void {
    this.flush()
    if (!this.#stored.take(message.content.length)) return this.#send(message)
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
    this.#stored.giveBack(this.#message?.content.length ?? 0)
    this.#message = undefined
  }
}
