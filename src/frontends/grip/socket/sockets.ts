// All WebSockets of one worker: what they share, what they count, and how they end when the node stops.

import type { BareConnection } from '../../../net/bare-connection.ts'
import type { FrameCounters } from '../../../net/gate/counters.ts'
import type { FrameHandlers, FramePeer } from '../../../net/gate/frame-peer.ts'
import type { Clock } from '../../../std/clock.ts'
import type { Choice } from '../proxy/choice.ts'
import { retryHeaders, unavailable } from '../proxy/failures.ts'
import type { Gateway } from '../proxy/gateway.ts'
import { closeCodes } from './close-words.ts'
import { switchingHeaders } from './handshake.ts'
import { type Ends, Reach } from './reach.ts'
import { Session } from './session.ts'
import {
  type AcceptClient,
  createSocketCounters,
  type Dismissible,
  type SessionContext,
} from './surroundings.ts'

export interface SocketsContext {
  readonly clock: Clock
  readonly gateway: Gateway
  openPeer(connection: BareConnection, handlers: FrameHandlers): FramePeer
  readonly ends: Ends
  /** Of connections to either end. */
  readonly frames: Readonly<FrameCounters>
}

export class Sockets {
  readonly counters = createSocketCounters()
  readonly #context: SocketsContext
  readonly #shared: SessionContext
  readonly #sessions = new Set<Dismissible>()
  #isDraining = false

  constructor(context: SocketsContext) {
    const { clock, gateway, ends } = context
    this.#context = context
    this.#shared = {
      clock,
      gateway,
      counters: this.counters,
      accept: this.accept,
      reach: (choice, owner) => new Reach(choice, choice.rule.debug || gateway.settings.debug, ends, owner),
      left: session => void this.#sessions.delete(session),
    }
  }

  statistics(): Readonly<Record<string, number>> {
    const { faults, behind, failures } = this.#context.frames
    return { ...this.counters, socketFaults: faults, socketsBehind: behind, socketFailures: failures }
  }

  /** By its handshake. */
  readonly accept: AcceptClient = (exchange, rawHeaders, handlers) => {
    const headers = switchingHeaders(rawHeaders, exchange.header('sec-websocket-key') ?? '')
    const connection = exchange.takeSocket('Switching Protocols', headers)
    return connection && this.#context.openPeer(connection, handlers)
  }

  /** `accept`: for a client that is not, or not only, a WebSocket. */
  serve(choice: Choice, accept = this.accept): void {
    if (this.#isDraining) {
      const failure = unavailable(this.#nextReturnMs())
      return choice.exchange.reply(failure.status, failure.reason, retryHeaders(failure), failure.body)
    }
    const session = new Session(accept === this.accept ? this.#shared : { ...this.#shared, accept }, choice)
    this.#sessions.add(session)
    session.begin()
  }

  /** Clients come again, elsewhere or later: spread over so long, for they all come again. `done`: all were told. */
  drain(spreadMs: number, done: () => void): void {
    this.#isDraining = true
    this.#context.gateway.eventCalls.isEnding = true
    const sessions = [...this.#sessions]
    const share = Math.ceil((sessions.length * drainStepMs) / Math.max(spreadMs, drainStepMs))
    const step = () => {
      for (const session of sessions.splice(0, share)) {
        // Those that hold channels the engine may have let go of.
        if (this.#sessions.has(session) && !session.isParting)
          session.dismiss(closeCodes.restarting, 'stopped', this.#nextReturnMs())
      }
      if (sessions.length > 0) this.#context.clock.after(drainStepMs, step)
      else done()
    }
    step()
  }

  #nextReturnMs(): number {
    return this.#context.gateway.holds.engine.returns.next('others')
  }
}

/** The steps in which clients are closed over a time, as the engine's. */
const drainStepMs = 20
