// One connection of the upgrade's socket: messages in both directions, and whoever waits for the next of a kind.
import type { Socket } from 'node:net'
import type { Clock } from '../std/clock.ts'
import { Fault } from '../std/fault.ts'
import { packExact, unpackFromPort } from '../std/msgpack.ts'
import { SocketPort } from '../threads/socket-port.ts'
import type { FromPredecessor, ToPredecessor } from './words.ts'

type Message = ToPredecessor | FromPredecessor

export class Line<Says extends Message, Hears extends Message> {
  readonly #port: SocketPort
  readonly #clock: Clock
  readonly #heard: Hears[] = []
  #isClosed = false
  /** Who waits for something. */
  readonly #waiting: (() => void)[] = []

  constructor(socket: Socket, clock: Clock) {
    this.#port = new SocketPort(socket)
    this.#clock = clock
    this.#port.on('message', parcel => {
      this.#heard.push(unpackFromPort(parcel) as Hears) // the same version wrote it, or `prepared` says another form
      this.#wake()
    })
    this.#port.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  say(message: Says): void {
    this.#port.postMessage(packExact(message))
  }

  /** The next message, which must be of that kind. Rejects where another one comes, none in time, or the end. */
  async next<Kind extends Hears[0]>(
    kind: Kind,
    ms?: number,
  ): Promise<Extract<Hears, readonly [Kind, ...unknown[]]>> {
    await this.#comes(ms)
    const message = this.#heard.shift()
    if (message?.[0] === kind) return message as never // it is of the kind
    if (message !== undefined) throw new Fault('upgrade-strange', `${message[0]} came for ${kind}`)
    if (this.#isClosed) throw new Fault('upgrade-ended', 'the other process ended')
    throw new Fault('upgrade-late', `${kind} did not come in ${ms} ms`)
  }

  /** What kind the first message is; it is still to come by `next`. Undefined: none came in time. */
  async first(ms: number): Promise<Hears[0] | undefined> {
    await this.#comes(ms)
    return this.#heard[0]?.[0]
  }

  /** The next message; undefined: the other side ended. */
  async any(): Promise<Hears | undefined> {
    await this.#comes()
    return this.#heard.shift()
  }

  close(): void {
    this.#port.close()
  }

  /** Resolves when something is there, nothing will be, or the time is over. */
  async #comes(ms?: number): Promise<void> {
    if (this.#heard.length > 0 || this.#isClosed) return
    await new Promise<void>(resolve => {
      const cancel = ms === undefined ? undefined : this.#clock.after(ms, resolve)
      this.#waiting.push(() => {
        cancel?.()
        resolve()
      })
    })
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
