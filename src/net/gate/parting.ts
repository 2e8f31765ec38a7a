// The end of a connection that we close: what was answered leaves, then a FIN, and whoever is still sending has time to see
// it, for a reset may throw away what he has not read (RFC 9112 section 9.6).
import type { Socket } from 'node:net'
import type { Clock } from '../../std/clock.ts'
import { Lingering, type LingerLimits } from '../lingering.ts'
import type { Outflow } from './outflow.ts'

export class Parting {
  readonly #socket: Socket
  readonly #outflow: Outflow
  readonly #linger: () => Lingering
  /** Once everything has left. */
  #lingering: Lingering | undefined
  #isCancelled = false

  constructor(clock: Clock, limits: LingerLimits, socket: Socket, outflow: Outflow) {
    this.#socket = socket
    this.#outflow = outflow
    this.#linger = () => new Lingering(clock, limits, () => socket.destroy())
    outflow.flush()
    this.drained()
  }

  /** More of what waited was given to the socket. */
  drained(): void {
    if (!this.#outflow.isGiven || this.#socket.writableEnded) return
    this.#socket.end(() => {
      if (!this.#isCancelled) this.#lingering = this.#linger()
    })
  }

  /** Nobody wants it any more. */
  came(bytes: Buffer): void {
    this.#lingering?.dropped(bytes.length, false)
  }

  /** The client sent its FIN: it waits for no more than what is on its way. */
  finished(): void {
    if (this.#socket.writableFinished) this.#socket.destroy()
    else this.#socket.once('finish', () => this.#socket.destroy())
  }

  cancel(): void {
    this.#isCancelled = true
    this.#lingering?.cancel()
  }
}
