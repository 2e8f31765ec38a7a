// pushwire at work in one worker: which request is what, and what all of its clients share.
import type { Exchange } from '../../net/exchange.ts'
import { mistakeOf } from '../../net/handshake.ts'
import type { SocketSettings } from '../../net/socket.ts'
import { Cadence } from '../../std/cadence.ts'
import { Expiries } from '../../std/expiries.ts'
import type { Random } from '../../std/random.ts'
import { RefusalLog } from '../../telemetry/refusals.ts'
import type { FrontendContext, FrontendRoom } from '../frontend.ts'
import type { OperatorCall } from '../operate.ts'
import { Admission } from '../session/admission.ts'
import { Refusals } from '../session/refusals.ts'
import { Acks } from './acks.ts'
import { Backend } from './backend.ts'
import { Call } from './call.ts'
import { Client, type ClientKind } from './client.ts'
import { type Plan, planOf } from './config.ts'
import { Entrance } from './entrance.ts'
import { createFormats } from './frames.ts'
import { Handlers } from './handlers.ts'
import { Operator } from './operate.ts'
import { mayConnect, originHeaders, preflightHeaders } from './origins.ts'
import { readQuery } from './query.ts'
import { type Reason, refusals } from './refusals.ts'
import type { Session } from './session.ts'
import type { PushwireSettings } from './settings.ts'
import { Stream, type StreamKind } from './stream.ts'
import { nameOfStream } from './streams.ts'

type Context = FrontendContext<PushwireSettings>

/** Bytes of operations for a client that is behind; then it is cut. */
const behindBytesMax = 65_536

export class Pushwire implements FrontendRoom<PushwireSettings> {
  readonly sockets: SocketSettings
  readonly #context: Context
  readonly #plan: Plan
  readonly #admission: Admission
  readonly #entrance: Entrance
  readonly #clients: ClientKind
  readonly #streams: StreamKind
  readonly #acks: Acks
  readonly #operator: Operator
  readonly #handlers: Handlers
  readonly #refusals: Refusals<Reason>
  #settings: PushwireSettings
  readonly #counters = {
    sockets: 0,
    socketsOpened: 0,
    streams: 0,
    streamsOpened: 0,
    sessions: 0,
    sessionsOpened: 0,
    gapsTold: 0,
    authTimeouts: 0,
    messages: 0,
    messagesSent: 0,
    eventsSent: 0,
    framesReceived: 0,
    framesDropped: 0,
    framesPublished: 0,
    framesRefused: 0,
    ordersRefused: 0,
    faults: 0,
    acks: 0,
  }
  /** Connections that the node ended, by why. */
  readonly #ended = new Map<string, number>()

  constructor(context: Context, random: Random) {
    const { clock, engine, log, settings } = context
    this.#context = context
    this.#settings = settings
    this.#plan = planOf(settings)
    this.#entrance = new Entrance(context, this.#plan, settings)
    this.#refusals = new Refusals(refusals, new RefusalLog(log, clock))
    this.#admission = new Admission(() => this.#settings.connectionsMax)
    this.sockets = { messageBytesMax: settings.messageBytesMax, pingMs: settings.pingMs, behindBytesMax }
    const arrivals = {
      plan: this.#plan,
      engine,
      clock,
      random,
      admission: this.#admission,
      expiries: new Expiries<Session>(clock, session => session.expire()),
      formats: createFormats(nameOfStream),
      counters: this.#counters,
      judge: (...asked: Parameters<Entrance['judge']>) => this.#entrance.judge(...asked),
    }
    const backend = new Backend({ plan: this.#plan, engine })
    this.#handlers = new Handlers({
      plan: this.#plan,
      engine,
      backend,
      clock,
      log,
      calls: this.#entrance.calls,
      timeoutMs: () => this.#settings.webhookTimeoutMs,
      counters: this.#counters,
    })
    this.#clients = {
      ...arrivals,
      deadlines: new Cadence<Client>(clock, settings.authMs, client => client.expire()),
      ended: ending => this.#ended.set(ending, (this.#ended.get(ending) ?? 0) + 1),
      uplink: {
        plan: this.#plan,
        clock,
        handlers: this.#handlers,
        counters: this.#counters,
        limits: () => ({ rate: this.#settings.inboundPerSecond, burst: this.#settings.inboundBurst }),
      },
    }
    this.#streams = {
      ...arrivals,
      beats: new Cadence<Stream>(clock, settings.keepAliveMs, stream => stream.beat()),
      stream: () => ({
        retryMs: this.#settings.retryMs,
        isCanonical: this.#settings.sseDialect === 'canonical',
      }),
    }
    this.#acks = new Acks({
      plan: this.#plan,
      engine,
      counters: this.#counters,
      judge: arrivals.judge,
      isOpen: () => this.#settings.ackOpen,
    })
    this.#operator = new Operator(backend)
  }

  statistics(): Readonly<Record<string, number>> {
    const { places } = this.#admission
    const ended = Object.fromEntries([...this.#ended].map(([ending, count]) => [`ended.${ending}`, count]))
    const others = {
      ...this.#entrance.statistics(),
      ...this.#handlers.statistics(),
      ...this.#refusals.counters(),
    }
    return { ...this.#counters, places, ...ended, ...others }
  }

  /** Connections stay; what comes next is judged by these. */
  reload(settings: PushwireSettings): void {
    this.#settings = settings
    this.#entrance.reload(settings)
  }

  operate(call: OperatorCall): void {
    this.#operator.operate(call)
  }

  handle(exchange: Exchange): void {
    const origin = exchange.header('origin')
    const { isDevelopment } = this.#context
    const origins = { origins: this.#settings.origins, isDevelopment }
    const call = new Call(exchange, originHeaders(origin, origins), this.#refusals)
    const serve = routes[exchange.path]
    if (serve === undefined) return call.refuse('route-unknown')
    if (!mayConnect(origin, origins)) return call.refuse('origin-not-allowed')
    if (exchange.method === 'OPTIONS') return call.reply({ status: 204, headers: preflightHeaders })
    if (exchange.method !== serve.method) return call.refuse('method-not-allowed')
    serve.run(this, call)
  }

  connect(call: Call): void {
    const { exchange } = call
    if (!exchange.wantsSocket) {
      return call.refuse(mistakeOf(exchange)?.status === 426 ? 'upgrade-refused' : 'upgrade-missing')
    }
    if (!this.#admission.enter()) return call.refuse('too-many-connections')
    new Client(this.#clients, exchange).open(exchange)
  }

  stream(call: Call): void {
    const { exchange } = call
    const query = readQuery(exchange)
    if (!query.ok) return call.refuse(query.reason, query.detail)
    const { clientId, token, places, resumeCursor } = query
    const names = query.names?.filter(name => this.#plan.find(name) !== undefined) ?? []
    if (query.names !== undefined && names.length === 0) return call.refuse('channels-empty')
    if (!this.#admission.enter()) return call.refuse('too-many-connections')
    const stream = new Stream(this.#streams, call, !query.isUnnamed)
    const question = {
      clientId,
      token,
      capabilities: names,
      transport: 'sse',
      ip: exchange.remoteAddress,
    } as const
    this.#entrance.judge(question, verdict =>
      exchange.guarded(() => {
        if (!verdict.ok)
          return stream.refuse(verdict.reason === 'refused' ? 'unauthorized' : 'unavailable', verdict.message)
        stream.open({ clientId, permission: verdict.permission, names, places, resumeCursor })
      }),
    )
  }

  acknowledge(call: Call): void {
    this.#acks.take(call)
  }
}

interface Route {
  readonly method: string
  run(room: Pushwire, call: Call): void
}

const routes: Readonly<Record<string, Route>> = {
  '/rps': { method: 'GET', run: (room, call) => room.connect(call) },
  '/rps/sse': { method: 'GET', run: (room, call) => room.stream(call) },
  '/rps/ack': { method: 'POST', run: (room, call) => room.acknowledge(call) },
}
