// One WebSocket as it is known from outside, from its handshake to its end: operators list it and close it by its id, and
// statistics count it.
import type { Connection, ConnectionFacts } from '../control/connection.ts'
import type { EndCause } from '../hold/ends.ts'
import type { Choice } from '../proxy/choice.ts'
import { factsOfSocket } from '../proxy/facts.ts'
import type { SessionContext } from './surroundings.ts'

export interface ListedOwner {
  /** By which its origin knows it, where it does. */
  readonly connectionId: string | undefined
  /** By their full names. */
  readonly channels: readonly string[]
  /** As an operator wants it. */
  close(): void
  /** Its origin is asked. */
  refresh(): void
}

export class Listed implements Connection {
  readonly #context: Pick<SessionContext, 'counters' | 'gateway'>
  readonly #choice: Choice
  readonly #owner: ListedOwner
  #isOpen = false

  constructor(context: Pick<SessionContext, 'counters' | 'gateway'>, choice: Choice, owner: ListedOwner) {
    this.#context = context
    this.#choice = choice
    this.#owner = owner
  }

  /** Its origin is asked. */
  begin(): void {
    this.#context.counters.socketsAsking++
    this.#context.gateway.observer.opened(this)
  }

  /** Its client gets its 101. */
  open(): void {
    const { counters, gateway } = this.#context
    this.#isOpen = true
    counters.socketsAsking--
    counters.sockets++
    counters.socketsOpened++
    gateway.connections.hold(this)
  }

  /** Before it leaves its channels; the first cause counts. */
  release(why: EndCause): void {
    this.#context.gateway.connections.release(this, why)
  }

  /** Once. */
  end(): void {
    this.#context.counters[this.#isOpen ? 'sockets' : 'socketsAsking']--
    this.release('client-left')
    this.#context.gateway.connections.close(this)
  }

  get facts(): ConnectionFacts {
    const { connectionId: id, channels } = this.#owner
    return factsOfSocket(this.#choice, { id, channels })
  }

  close(): void {
    this.#owner.close()
  }

  refresh(): void {
    this.#owner.refresh()
  }

  /** Its ids are the engine's business alone. */
  recover(): void {}
}
