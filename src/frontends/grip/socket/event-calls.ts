// What all WebSockets over HTTP of a worker share: the way to their origins, the names that they have there, clocks, and what
// they hold.
import type { Call, CallHandlers } from '../../../net/outgoing/call.ts'
import type { Clock } from '../../../std/clock.ts'
import type { Random } from '../../../std/random.ts'
import { Timers } from '../hold/timers.ts'
import { Attempt, type AttemptHandlers } from '../proxy/attempt.ts'
import type { Choice } from '../proxy/choice.ts'
import { type OriginRequest, requestTo } from '../proxy/origin-request.ts'
import { type HeaderSettings, type LastId, saysPeer } from '../proxy/request-headers.ts'
import type { Signers } from '../proxy/signature.ts'
import type { Target } from '../routes/target.ts'
import { connectionId } from './connection-id.ts'
import { Crowd } from './crowd.ts'

/** One request with events (contract §8.2). */
export interface EventsAsked {
  /** In the order in which they are tried. */
  readonly targets: readonly Target[]
  readonly peer: string
  /** Behind all other headers. */
  readonly headers: readonly string[]
  readonly lastIds: readonly LastId[]
  readonly body: Uint8Array
}

export interface EventSettings extends HeaderSettings {
  readonly debug: boolean
  readonly socketBytesMax: number
  readonly keepAliveIntervalMinMs: number
}

export interface EventCallsContext {
  readonly clock: Clock
  readonly random: Random
  readonly signers: Signers
  settings(): EventSettings
  /** Whether questions about a key come to this worker. */
  owns(key: string): boolean
  dispatch(request: OriginRequest, handlers: CallHandlers): Call
}

export class EventCalls {
  readonly #context: EventCallsContext
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly crowd: Crowd
  /** The node stops: no farewell is tried twice, for where an origin is gone all of them fail at once, again and again. */
  isEnding = false
  readonly counters = {
    socketsOverHttp: 0,
    eventRequests: 0,
    eventRetries: 0,
    socketsLost: 0,
    metasIgnored: 0,
  }

  constructor(context: EventCallsContext) {
    this.#context = context
    this.clock = context.clock
    this.random = context.random
    this.timers = new Timers(context.clock)
    this.crowd = new Crowd(() => this.settings.socketBytesMax)
  }

  get settings(): EventSettings {
    return this.#context.settings()
  }

  statistics(): Readonly<Record<string, number>> {
    const { bytes, crowdedOut } = this.crowd
    return { ...this.counters, socketBytes: bytes, socketsCrowdedOut: crowdedOut }
  }

  connectionId(): string {
    return connectionId(this.random, key => this.#context.owns(key))
  }

  /** The address that headers tell of whoever is connected to us; empty: they tell none. */
  peerOf({ exchange, isTrusted }: Choice): string {
    return saysPeer(this.settings, isTrusted) ? exchange.remoteAddress : ''
  }

  ask(choice: Choice, asked: EventsAsked, handlers: AttemptHandlers): Attempt {
    const { rule, exchange, target, isTls, isTrusted, path, query } = choice
    const { targets, peer, headers: events, lastIds, body } = asked
    const { rawHeaders } = exchange
    const { settings } = this
    const method = 'POST'
    // A fresh token with every request.
    const signature = this.#context.signers.of(rule)?.()
    const same = { rule, method, target, rawHeaders, settings, peer, isTls, isTrusted, signature }
    this.counters.eventRequests++
    return new Attempt(
      (request, own) => this.#context.dispatch(request, own),
      {
        targets,
        method,
        request: to => requestTo(to, { ...same, events, lastIds, body }),
        isWhole: () => true,
        test: { path, query, pathBeg: rule.pathBeg },
      },
      handlers,
    )
  }
}
