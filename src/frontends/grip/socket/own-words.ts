// What a client gets by itself, as its origin said (contract §8.5): a message whenever nothing else was sent for a while, or every
// so often, and one that is sent later.
import { serverFrame } from '../../../net/gate/frame-writer.ts'
import type { StoredBytes } from '../hold/stored-bytes.ts'
import type { Timer, Timers } from '../hold/timers.ts'
import type { Client } from './client.ts'
import type { OwnMessage, SocketKeepAlive } from './control-messages.ts'
import { Delayed } from './delayed.ts'

export class OwnWords {
  readonly #timers: Timers
  readonly #stored: Pick<StoredBytes, 'take' | 'giveBack'>
  readonly #client: Client
  readonly #delayed: Delayed
  #isIdleTimer = false
  #keepAlive: Timer | undefined
  #keepAliveBytes = 0

  /** `stored`: what is kept for later counts there. */
  constructor(timers: Timers, stored: Pick<StoredBytes, 'take' | 'giveBack'>, client: Client) {
    this.#timers = timers
    this.#stored = stored
    this.#client = client
    this.#delayed = new Delayed(timers, stored, message => {
      client.inTurn(() => void client.send(frameOf(message)))
      this.sent()
    })
  }

  /** In place of the one before; undefined: none any more. False: there is no room for it, and the client has none. */
  keepAlive(keepAlive: SocketKeepAlive | undefined): boolean {
    this.#endKeepAlive()
    if (keepAlive === undefined) return true
    const frame = frameOf(keepAlive)
    if (!this.#stored.take(frame.length)) return false
    this.#keepAliveBytes = frame.length
    this.#isIdleTimer = keepAlive.mode === 'idle'
    this.#keepAlive = this.#timers.every(keepAlive.timeoutMs, () => this.#beat(frame))
    return true
  }

  sendLater(message: OwnMessage, timeoutMs: number): void {
    this.#delayed.set(message, timeoutMs)
  }

  sendNow(): void {
    this.#delayed.flush()
  }

  /** Something left for the client. */
  sent(): void {
    if (this.#isIdleTimer) this.#keepAlive?.restart()
  }

  stop(): void {
    this.#endKeepAlive()
    this.#delayed.drop()
  }

  #endKeepAlive(): void {
    this.#keepAlive?.cancel()
    this.#keepAlive = undefined
    this.#isIdleTimer = false
    this.#stored.giveBack(this.#keepAliveBytes)
    this.#keepAliveBytes = 0
  }

  /** A client that is behind, or amidst a message, gets none: it has something to read, or is dead. */
  #beat(frame: Uint8Array): void {
    if (!this.#client.mustWait && !this.#client.isBehind) this.#client.send(frame)
  }
}

function frameOf({ type, content }: OwnMessage): Uint8Array {
  return serverFrame(type, content)
}
