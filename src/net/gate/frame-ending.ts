// The end of a WebSocket's connection on our side: what was written leaves, then a FIN, then the other side has a moment.
import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../../std/clock.ts'
import type { LingerLimits } from '../lingering.ts'
import type { Outflow } from './outflow.ts'
import { Parting } from './parting.ts'

/** Who takes nothing of what waits has no more of it than who goes on sending. */
export class FrameEnding {
  readonly #clock: Clock
  readonly #socket: Socket
  readonly #parting: Parting
  readonly #ms: number
  #cancel: Cancel

  constructor(clock: Clock, limits: LingerLimits, socket: Socket, outflow: Outflow) {
    this.#clock = clock
    this.#socket = socket
    this.#ms = limits.lingerMsMax
    this.#parting = new Parting(clock, limits, socket, outflow)
    this.#cancel = this.#begin()
  }

  came(bytes: Buffer): void {
    this.#parting.came(bytes)
  }

  finished(): void {
    this.#parting.finished()
  }

  drained(): void {
    this.#cancel()
    this.#cancel = this.#begin()
    this.#parting.drained()
  }

  cancel(): void {
    this.#cancel()
    this.#parting.cancel()
  }

  #begin(): Cancel {
    return this.#clock.after(this.#ms, () => this.#socket.destroy())
  }
}
