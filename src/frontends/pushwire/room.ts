// pushwire at work in one worker: which request is what, and what all of its clients share.
import type { Exchange } from '../../net/exchange.ts'
import type { SocketSettings } from '../../net/socket.ts'
import { Cadence } from '../../std/cadence.ts'
import { Expiries } from '../../std/expiries.ts'
import type { Random } from '../../std/random.ts'
import { RefusalLog } from '../../telemetry/refusals.ts'
import type { FrontendContext, FrontendRoom } from '../frontend.ts'
import type { OperatorCall } from '../operate.ts'
import { Admission } from '../session/admission.ts'
import { Refusals } from '../session/refusals.ts'
import { assetFolderOf } from './assets/asset-folder.ts'
import { AssetStore } from './assets/asset-store.ts'
import { Call } from './call.ts'
import { type Plan, planOf } from './config/config.ts'
import { Acks } from './handlers/acks.ts'
import { Backend } from './handlers/backend.ts'
import { Handlers } from './handlers/handlers.ts'
import { Operator } from './operate.ts'
import { mayConnect, originHeaders, preflightHeaders } from './origins.ts'
import { type Reason, refusals } from './refusals.ts'
import { type Arrivals, knownPlaces } from './session/arrival.ts'
import { Client, type ClientKind } from './session/client.ts'
import type { Expiring } from './session/face.ts'
import { readQuery } from './session/query.ts'
import { Silent } from './session/silent.ts'
import { Stream, type StreamKind } from './session/stream.ts'
import { nameOfStream } from './session/streams.ts'
import type { PushwireSettings } from './settings.ts'
import { Entrance } from './validators/entrance.ts'
import { createFormats } from './wire/frames.ts'

type Context = FrontendContext<PushwireSettings>

const assetPath = '/rps/assets/'

/** Bytes of operations for a client that is behind; then it is cut. */
const behindBytesMax = 65_536

/** What both transports share. */
type Shared = Arrivals & Pick<ClientKind, 'formats'>

export class Pushwire implements FrontendRoom<PushwireSettings> {
  readonly sockets: SocketSettings
  readonly #context: Context
  readonly #plan: Plan
  readonly #admission: Admission
  readonly #entrance: Entrance
  readonly #silent: Silent<Client>
  readonly #clients: ClientKind
  readonly #streams: StreamKind
  readonly #acks: Acks
  readonly #operator: Operator
  readonly #assets: AssetStore
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
    silentMaxExceeded: 0,
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
    const { clock, engine, log, offload, settings } = context
    this.#context = context
    this.#settings = settings
    this.#plan = planOf(settings)
    this.#entrance = new Entrance(context, this.#plan, settings)
    this.#refusals = new Refusals(refusals, new RefusalLog(log, clock))
    this.#admission = new Admission(() => this.#settings.connectionsMax)
    this.sockets = { messageBytesMax: settings.messageBytesMax, pingMs: settings.pingMs, behindBytesMax }
    const own = { plan: this.#plan, engine, clock, log, random, counters: this.#counters }
    const backend = new Backend(own)
    this.#handlers = new Handlers({
      ...own,
      backend,
      calls: this.#entrance.calls,
      timeoutMs: () => this.#settings.webhookTimeoutMs,
    })
    const arrivals: Shared = {
      ...own,
      admission: this.#admission,
      expiries: new Expiries<Expiring>(clock, session => session.expire()),
      formats: createFormats(nameOfStream),
      judge: (...asked) => this.#entrance.judge(...asked),
      ended: ending => this.#ended.set(ending, (this.#ended.get(ending) ?? 0) + 1),
    }
    this.#silent = new Silent(clock, () => ({
      deadlineMs: this.#settings.authMs,
      max: this.#settings.silentMax,
    }))
    this.#clients = this.#clientKind(arrivals)
    this.#streams = this.#streamKind(arrivals)
    this.#acks = new Acks({ ...own, judge: arrivals.judge, isOpen: () => this.#settings.ackOpen })
    const { owns, stateFolder, workers } = context
    const folder = assetFolderOf(stateFolder)
    this.#assets = AssetStore.open({ ...own, folder, offload, settings, workers, evicts: owns('assets') })
    const base = assetPath.slice(0, -1)
    this.#operator = new Operator(backend, { settings, offload, store: this.#assets, base })
  }

  #clientKind(arrivals: Shared): ClientKind {
    const { clock } = arrivals
    return {
      ...arrivals,
      counters: this.#counters,
      silent: this.#silent,
      uplink: {
        plan: this.#plan,
        clock,
        handlers: this.#handlers,
        counters: this.#counters,
        limits: () => ({ rate: this.#settings.inboundPerSecond, burst: this.#settings.inboundBurst }),
      },
    }
  }

  #streamKind(arrivals: Shared): StreamKind {
    return {
      ...arrivals,
      counters: this.#counters,
      beats: new Cadence<Stream>(arrivals.clock, this.#settings.keepAliveMs, stream => stream.beat()),
      stream: () => ({
        retryMs: this.#settings.retryMs,
        isCanonical: this.#settings.sseDialect === 'canonical',
      }),
    }
  }

  statistics(): Readonly<Record<string, number>> {
    const { places } = this.#admission
    const ended = Object.fromEntries([...this.#ended].map(([ending, count]) => [`ended.${ending}`, count]))
    const others = {
      silent: this.#silent.size,
      ...this.#entrance.statistics(),
      ...this.#handlers.statistics(),
      ...this.#assets.statistics(),
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
    if (exchange.path.startsWith(assetPath)) {
      return this.#assets.serve(exchange, exchange.path.slice(assetPath.length), call.headers)
    }
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
      return call.refuse(exchange.header('upgrade') === undefined ? 'upgrade-missing' : 'upgrade-refused')
    }
    if (!this.#admission.enter()) return call.refuse('too-many-connections')
    new Client(this.#clients, exchange).open(exchange)
  }

  stream(call: Call): void {
    const { exchange } = call
    const query = readQuery(exchange)
    if (!query.ok) return call.refuse(query.reason, query.detail)
    const { clientId, token, resumeCursor } = query
    const places = knownPlaces({ plan: this.#plan }, query.places)
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
        stream.open({ clientId, permission: verdict.permission, places, resumeCursor }, names)
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
