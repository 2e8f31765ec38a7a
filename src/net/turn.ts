// What one turn of the event loop may cost. The library reads a socket again for as long as its buffer comes back full,
// and calls us for everything in it, before any timer, port or other socket has its turn: whoever sends faster than we
// handle never lets go of the thread (README, rule 18). Only closing the socket ends that.
import type { Clock } from '../std/clock.ts'
import type { NetSettings } from './settings.ts'

/** Reading the processor's clock costs 0.7 µs, so it is read once for so many callbacks; 4 KB count as one more. */
const lookEvery = 32
const bytesAsCallback = 4_096

/** What each client still gets of a turn that took its time already, and of one that took that twice. */
const callbacksWhenLate = 32
const callbacksWhenLater = 4

export interface TurnCounters {
  /** Turns that took longer than all clients together may. */
  turnsOverrun: number
  /** Requests that were answered at the end of a turn with too many. */
  requestsPutOff: number
}

export class Turn {
  readonly counters: TurnCounters = { turnsOverrun: 0, requestsPutOff: 0 }
  readonly #clock: Clock
  readonly #settings: NetSettings
  readonly #alive: () => void
  #untilLook = lookEvery
  #requests = 0
  /** Processor time when the turn began and at the last look; the first is undefined before any. */
  #beganMs: number | undefined
  #nowMs = 0
  /** Whom the last callback was for; the library serves one after the other. */
  #client: object | undefined
  #clientBeganMs = 0
  #clientCallbacks = 0
  /** Callbacks that a client may have of this turn. */
  #allowance: number
  /** The turn took its time already. */
  isLate = false

  /** `alive` is called now and then while the thread works, however long the turn. */
  constructor(clock: Clock, settings: NetSettings, alive: () => void) {
    this.#clock = clock
    this.#settings = settings
    this.#alive = alive
    this.#allowance = settings.clientTurnCallbacksMax
  }

  /** The library called for this client, with so many bytes. False: it has had more than its share: close it. */
  admits(client: object, bytes: number): boolean {
    this.#count(bytes)
    if (client !== this.#client) {
      this.#client = client
      this.#clientBeganMs = this.#nowMs
      this.#clientCallbacks = 0
    }
    if (++this.#clientCallbacks > this.#allowance) return false
    return this.#beganMs === undefined || this.#nowMs - this.#clientBeganMs <= this.#settings.clientTurnMsMax
  }

  /**
   * The library called for a request. True: answer it at the end of the turn. Which connection it came by nobody can
   * ask; but the library closes one that sends a second request while a first is not answered.
   */
  putsOff(): boolean {
    this.#count(0)
    if (++this.#requests <= this.#settings.turnRequestsMax && !this.isLate) return false
    this.counters.requestsPutOff++
    return true
  }

  #count(bytes: number): void {
    this.#untilLook -= bytes < bytesAsCallback ? 1 : 1 + bytes / bytesAsCallback
    if (this.#untilLook <= 0) this.#look()
  }

  #look(): void {
    this.#untilLook = lookEvery
    this.#nowMs = this.#clock.cpuMs()
    if (this.#beganMs === undefined) {
      this.#beganMs = this.#clientBeganMs = this.#nowMs
      this.#clientCallbacks = 0
      this.#clock.endOfTurn(() => this.#over())
      return
    }
    this.#alive()
    const tookMs = this.#nowMs - this.#beganMs
    if (tookMs <= this.#settings.turnMsMax) return
    if (!this.isLate) this.counters.turnsOverrun++
    this.isLate = true
    this.#allowance = tookMs > 2 * this.#settings.turnMsMax ? callbacksWhenLater : callbacksWhenLate
  }

  #over(): void {
    this.#untilLook = lookEvery
    this.#requests = 0
    this.#beganMs = undefined
    this.#client = undefined
    this.#allowance = this.#settings.clientTurnCallbacksMax
    this.isLate = false
  }
}
