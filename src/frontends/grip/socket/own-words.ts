// What a client gets by itself, as its origin said (contract §8.5): a message whenever nothing else was sent for a while, or every
// so often, and one that is sent later.
import { serverFrame } from '../../../net/gate/frame-writer.ts'
import type { Timer, Timers } from '../hold/timers.ts'
import type { Client } from './client.ts'
import type { OwnMessage, SocketKeepAlive } from './control-messages.ts'
import { Delayed } from './delayed.ts'

export class OwnWords {
  readonly #timers: Timers
  readonly #client: Client
  readonly #delayed: Delayed
  #isIdleTimer = false
  #keepAlive: Timer | undefined

  constructor(timers: Timers, client: Client) {
    this.#timers = timers
    this.#client = client
    this.#delayed = new Delayed(timers, message => {
      client.inTurn(() => void client.send(frameOf(message)))
      this.sent()
    })
  }

  /** In place of the one before; undefined: none any more. */
  keepAlive(keepAlive: SocketKeepAlive | undefined): void {
    this.#keepAlive?.cancel()
    this.#isIdleTimer = keepAlive?.mode === 'idle'
    const frame = keepAlive && frameOf(keepAlive)
    this.#keepAlive = keepAlive && frame && this.#timers.every(keepAlive.timeoutMs, () => this.#beat(frame))
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
    this.#keepAlive?.cancel()
    this.#delayed.drop()
  }

  /** A client that is behind, or amidst a message, gets none: it has something to read, or is dead. */
  #beat(frame: Uint8Array): void {
    if (!this.#client.mustWait && !this.#client.isBehind) this.#client.send(frame)
  }
}

function frameOf({ type, content }: OwnMessage): Uint8Array {
  return serverFrame(type, content)
}
