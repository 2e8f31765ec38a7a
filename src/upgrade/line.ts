// One connection of the upgrade's socket: messages in both directions, and whoever waits for the next of a kind.
import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../std/clock.ts'
import { Fault } from '../std/fault.ts'
import { packExact, unpackFromPort } from '../std/msgpack.ts'
import { SocketPort } from '../threads/socket-port.ts'
import type { FromPredecessor, ToPredecessor } from './words.ts'

type Message = ToPredecessor | FromPredecessor

interface Wait {
  readonly kind: string
  readonly resolve: (message: never) => void
  readonly reject: (why: Error) => void
}

export class Line<Says extends Message, Hears extends Message> {
  readonly #port: SocketPort
  readonly #clock: Clock
  readonly #heard: Hears[] = []
  #wait: Wait | undefined
  #isClosed = false
  /** Who looks again when something changes. */
  readonly #waiting: (() => void)[] = []

  constructor(socket: Socket, clock: Clock) {
    this.#port = new SocketPort(socket)
    this.#clock = clock
    this.#port.on('message', parcel => {
      this.#heard.push(unpackFromPort(parcel) as Hears) // the same version wrote it, or `prepared` says another form
      this.#serve()
    })
    this.#port.on('close', () => {
      this.#isClosed = true
      this.#serve()
    })
  }

  say(message: Says): void {
    this.#port.postMessage(packExact(message))
  }

  /** The next message, which must be of one of the kinds. Rejects where another one comes, none in time, or the end. */
  next<Kind extends Hears[0]>(
    kind: Kind,
    ms?: number,
  ): Promise<Extract<Hears, readonly [Kind, ...unknown[]]>> {
    return new Promise((resolve, reject) => {
      const late = () =>
        this.#settle(wait => wait.reject(new Fault('upgrade-late', `${kind} did not come in ${ms} ms`)))
      const cancel: Cancel | undefined = ms === undefined ? undefined : this.#clock.after(ms, late)
      this.#wait = {
        kind,
        resolve(message) {
          cancel?.()
          resolve(message)
        },
        reject(why) {
          cancel?.()
          reject(why)
        },
      }
      this.#serve()
    })
  }

  /** What kind the first message is; it is still to come by `next`. Undefined: none came in time. */
  async first(ms: number): Promise<Hears[0] | undefined> {
    let isLate = false
    const cancel = this.#clock.after(ms, () => {
      isLate = true
      this.#wake()
    })
    while (this.#heard.length === 0 && !this.#isClosed && !isLate) await this.#change()
    cancel()
    return this.#heard[0]?.[0]
  }

  /** The next message; undefined: the other side ended. */
  async any(): Promise<Hears | undefined> {
    while (this.#heard.length === 0 && !this.#isClosed) await this.#change()
    return this.#heard.shift()
  }

  close(): void {
    this.#port.close()
  }

  /** Resolves when something came, or nothing will. */
  #change(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #serve(): void {
    this.#wake()
    if (this.#wait === undefined) return
    const message = this.#heard.shift()
    if (message !== undefined) {
      return this.#settle(wait => {
        if (message[0] === wait.kind)
          wait.resolve(message as never) // it is of the kind
        else wait.reject(new Fault('upgrade-strange', `${message[0]} came for ${wait.kind}`))
      })
    }
    if (this.#isClosed)
      this.#settle(wait => wait.reject(new Fault('upgrade-ended', 'the other process ended')))
  }

  #settle(how: (wait: Wait) => void): void {
    const wait = this.#wait
    this.#wait = undefined
    if (wait !== undefined) how(wait)
  }
}
