// All connections to one target, and the calls that wait for one. The library has a pool of its own, which loses a place for
// ever with each request that it finds invalid, keeps what was aborted while it waited, and does not say which connection
// a request runs on.
import type { Cancel, Clock } from '../../std/clock.ts'
import { Fault } from '../../std/fault.ts'
import type { Connection, ConnectionOwner, Served } from './connection.ts'

export interface PoolOptions {
  readonly clock: Clock
  readonly connectionsMax: number
  readonly waitingMax: number
  readonly waitMs: number
  open(owner: ConnectionOwner): Connection
  /** Nobody waits and a connection has nothing to do. */
  idle(connection: Connection): void
  /** It is no longer idle. */
  busy(connection: Connection): void
  /** The last connection is gone. */
  empty(): void
}

export class Pool {
  readonly #options: PoolOptions
  readonly #connections = new Set<Connection>()
  /** The last one that became idle is the first to be used: the others may close. */
  readonly #idle: Connection[] = []
  readonly #waiting = new Map<Served, Cancel>()
  readonly #owner: ConnectionOwner = {
    free: connection => this.#freed(connection),
    gone: connection => this.#lost(connection),
  }

  constructor(options: PoolOptions) {
    this.#options = options
  }

  get connections(): number {
    return this.#connections.size
  }

  start(call: Served): void {
    const idle = this.#idle.pop()
    if (idle !== undefined) this.#options.busy(idle)
    const connection = idle ?? this.#open()
    if (connection !== undefined) call.runOn(connection)
    else this.#wait(call)
  }

  /** A call that waits was aborted. */
  forget(call: Served): void {
    this.#waiting.get(call)?.()
    this.#waiting.delete(call)
  }

  close(): void {
    for (const call of [...this.#waiting.keys()]) {
      this.forget(call)
      call.fail(new Fault('node-closing', 'no call is made any more'))
    }
    for (const connection of [...this.#connections]) connection.destroy()
  }

  #open(): Connection | undefined {
    if (this.#connections.size >= this.#options.connectionsMax) return undefined
    const connection = this.#options.open(this.#owner)
    this.#connections.add(connection)
    return connection
  }

  #wait(call: Served): void {
    const { clock, waitingMax, waitMs, connectionsMax } = this.#options
    const busy = `all ${connectionsMax} connections to the origin are in use`
    if (this.#waiting.size >= waitingMax) return call.fail(new Fault('origin-busy', busy))
    const late = (): void => {
      this.#waiting.delete(call)
      call.fail(new Fault('origin-busy', `${busy}, for ${waitMs} ms`))
    }
    this.#waiting.set(call, clock.after(waitMs, late))
  }

  #next(): Served | undefined {
    if (this.#waiting.size === 0) return undefined
    const [call] = this.#waiting.keys()
    if (call !== undefined) this.forget(call)
    return call
  }

  #freed(connection: Connection): void {
    const call = this.#next()
    if (call !== undefined) return call.runOn(connection)
    this.#idle.push(connection)
    this.#options.idle(connection)
  }

  #lost(connection: Connection): void {
    this.#connections.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at !== -1) {
      this.#idle.splice(at, 1)
      this.#options.busy(connection)
    }
    const call = this.#next()
    if (call !== undefined) this.start(call)
    if (this.#connections.size === 0) this.#options.empty()
  }
}
