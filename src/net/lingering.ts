// A refusal that ends the connection waits until its client has sent everything, or rests, or takes too long: who is
// still sending when a connection closes gets a reset, which may throw the answer away (RFC 9112 section 9.6).
import type { Cancel, Clock } from '../std/clock.ts'
import type { NetSettings } from './settings.ts'

/** A client that sends nothing for so long, or up to twice as long, may be waiting for the answer. */
const restMs = 500

export type LingerLimits = Pick<NetSettings, 'lingerBytesMax' | 'lingerMsMax'>

export class Lingering {
  readonly cancel: Cancel
  readonly #done: (wasInTime: boolean) => void
  readonly #dueMs: number
  #bytesLeft: number
  #isResting = true
  #isOver = false

  /** Calls `done` once, unless it is cancelled. */
  constructor(clock: Clock, settings: LingerLimits, done: (wasInTime: boolean) => void) {
    this.#bytesLeft = settings.lingerBytesMax
    this.#dueMs = clock.now() + settings.lingerMsMax
    this.#done = done
    this.cancel = clock.every(Math.min(restMs, Math.max(1, settings.lingerMsMax)), () => {
      if (this.#isResting) this.#end(true)
      else if (clock.now() >= this.#dueMs) this.#end(false)
      this.#isResting = true
    })
  }

  /** So many bytes came and went. `last`: that was all. */
  dropped(bytes: number, last: boolean): void {
    this.#isResting = false
    this.#bytesLeft -= bytes
    if (last) this.#end(true)
    else if (this.#bytesLeft < 0) this.#end(false)
  }

  #end(wasInTime: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    this.cancel()
    this.#done(wasInTime)
  }
}
