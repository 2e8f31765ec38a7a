// The sessions that this worker owns, by their names: requests of one session may come to any worker, and all ask its owner. What it
// answers later it tells the worker that waits.
import type { FrameHandlers, FramePeer } from '../../../../net/gate/frame-peer.ts'
import type { GateExchange } from '../../../../net/gate/gate-exchange.ts'
import type { Clock } from '../../../../std/clock.ts'
import type { StoredBytes } from '../../hold/stored-bytes.ts'
import type { Timers } from '../../hold/timers.ts'
import type { Choice } from '../../proxy/choice.ts'
import type { Asking } from './asking.ts'
import { type Carried, CarriedExchange } from './carried.ts'
import { readMessages } from './messages.ts'
import type { PartQuestion } from './questions.ts'
import { PolledSession } from './session.ts'
import { refusals, type Said, takenFor } from './words.ts'

export interface HomeContext {
  readonly clock: Pick<Clock, 'endOfTurn'>
  readonly timers: Pick<Timers, 'once'>
  readonly stored: Pick<StoredBytes, 'take' | 'giveBack'>
  sessionsMax(): number
  /** As of `SessionContext`. */
  deliver(asking: Asking, said: Said, done: (isTaken: boolean) => void): void
  /** Undefined: no rule has a session there any more. */
  choose(exchange: GateExchange): Choice | undefined
  /** Begins a WebSocket towards the origin of a choice; `accept` makes the client's end of it. */
  openSocket(choice: Choice, accept: (handlers: FrameHandlers) => FramePeer): void
}

export class Home {
  readonly #context: HomeContext
  readonly #sessions = new Map<string, PolledSession>()
  readonly counters = { sockjsOpened: 0, sockjsRefused: 0 }

  constructor(context: HomeContext) {
    this.#context = context
  }

  get count(): number {
    return this.#sessions.size
  }

  /** Undefined: it is answered later. */
  answer({ name, part, asking, text, opening }: PartQuestion): Said | undefined {
    const session = this.#sessions.get(name)
    if (session === undefined)
      return opening === undefined ? refusals.nothing : this.#open(name, asking, opening)
    if (part === 'xhr' || part === 'jsonp') return session.poll(asking)
    if (part !== 'xhr_send' && part !== 'jsonp_send') return refusals.nothing
    const texts = readMessages(text)
    if (texts === undefined) return refusals.payload
    return texts.length === 0 ? takenFor(asking.callback) : session.send(asking, texts)
  }

  /** The client of a request left before it was answered. */
  forget(name: string, ticket: string): void {
    this.#sessions.get(name)?.forget(ticket)
  }

  /** It is still to be answered. */
  awaits(name: string, ticket: string): boolean {
    return this.#sessions.get(name)?.awaits(ticket) ?? false
  }

  #open(name: string, asking: Asking, opening: Carried): Said | undefined {
    const { clock, timers, stored, sessionsMax, deliver, choose, openSocket } = this.#context
    if (this.#sessions.size >= sessionsMax()) {
      this.counters.sockjsRefused++
      return refusals.full
    }
    const exchange = new CarriedExchange(opening, said => session.refuse(said))
    const choice = choose(exchange)
    if (choice === undefined) return refusals.nothing
    const session = new PolledSession(
      {
        clock,
        timers,
        stored,
        deliver,
        abandoned: () => exchange.leave(),
        left: () => void this.#sessions.delete(name),
      },
      asking,
    )
    this.#sessions.set(name, session)
    this.counters.sockjsOpened++
    openSocket(choice, handlers => session.accept(handlers))
    return undefined
  }
}
