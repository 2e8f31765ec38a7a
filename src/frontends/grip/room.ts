// GRIP at work in one worker: two gates, one for clients and one for publishers; the rules in force; and what all requests
// share. The life of a request is in proxy/passage.ts.

import type { ChannelName } from '../../engine/words/publication.ts'
import type { Exchange } from '../../net/exchange.ts'
import type { GateExchange } from '../../net/gate/gate-exchange.ts'
import { LazyOrigins } from '../../net/outgoing/lazy-origins.ts'
import type { FrontendContext, FrontendRoom, GateRoom } from '../frontend.ts'
import type { SidePort } from '../side.ts'
import { Connections } from './connections.ts'
import { Control } from './control/control.ts'
import { type CredentialCheck, mayPublishWith } from './control/credentials.ts'
import { readKeyFile, trustedKeys } from './files.ts'
import { Frames } from './format.ts'
import { Lines } from './lines.ts'
import { Mounted } from './mounted.ts'
import { choose, hostOf } from './proxy/choice.ts'
import {
  eventsForbidden,
  type Failure,
  noMessageSockets,
  noRoute,
  noSockets,
  originFailed,
} from './proxy/failures.ts'
import { Gateway, type GatewaySettings } from './proxy/gateway.ts'
import { Passage } from './proxy/passage.ts'
import { gatewaySettingsOf } from './proxy/settings.ts'
import { Signers } from './proxy/signature.ts'
import { createTrustCheck, type TrustCheck } from './proxy/trust.ts'
import { WatchedRoutes } from './routes/watched.ts'
import { type GripSettings, gripSection } from './settings.ts'
import { ThreadEnd } from './zmq/thread-end.ts'
import { parseTopic } from './zmq/topics.ts'

/** In front of the paths of the control door. */
const playControl = '/control'

type Context = FrontendContext<GripSettings>

const eventsType = /^application\/websocket-events[ \t]*(?:;|$)/i

export class Grip implements FrontendRoom<GripSettings> {
  readonly gates: Readonly<Record<string, GateRoom>>
  readonly #context: Context
  readonly #origins: LazyOrigins
  readonly #signers: Signers
  readonly #routes: WatchedRoutes
  readonly #lines: Lines
  readonly #gateway: Gateway
  /** Those that commands know. */
  readonly #connections = new Connections()
  readonly #thread: ThreadEnd
  #settings: GripSettings
  #gatewaySettings: GatewaySettings
  #isTrusted: TrustCheck
  #mayPublish: CredentialCheck
  readonly #counters = {
    requests: 0,
    routesMissing: 0,
    publishes: 0,
    publishesRefused: 0,
    zmqInvalid: 0,
    zmqRefused: 0,
    zmqLost: 0,
    zmqStatisticsDropped: 0,
  }

  constructor(context: Context) {
    const { clock, engine, intake, settings, workers } = context
    this.#context = context
    this.#settings = settings
    this.#gatewaySettings = gatewaySettingsOf(settings)
    this.#isTrusted = this.#trustCheck()
    this.#mayPublish = mayPublishWith(settings)
    this.#origins = new LazyOrigins({
      clock,
      connectionsMax: settings.originConnectionsMax,
      headMs: settings.originHeadMs,
      idleMs: settings.originIdleMs,
    })
    this.#lines = new Lines(context.log, clock)
    this.#signers = new Signers(clock, readKeyFile)
    this.#thread = new ThreadEnd({
      clock,
      engine,
      tellsInterest: settings.zmqSub.length > 0,
      callsMax: settings.zmqRequestsMax,
      counters: this.#counters,
      wantThread: () => context.wantSide(),
    })
    this.#gateway = new Gateway({
      clock,
      frames: new Frames(),
      holds: { engine, clock, via: gripSection.name, lingerMs: settings.subscriptionLingerMs },
      signers: this.#signers,
      lines: this.#lines,
      intake,
      settings: () => this.#gatewaySettings,
      isLinkPlace: (host, port) => this.#isLinkPlace(host, port),
      dispatch: (request, handlers) =>
        request.message === undefined
          ? this.#origins.call(request, handlers)
          : this.#thread.call({ ...request, ...request.message }, handlers),
    })
    this.#routes = this.#watch()
    const clients: GateRoom = {
      limits: {
        headBytesMax: settings.clientBufferBytes,
        connectionsMax: Math.max(1, Math.ceil(settings.clientMaxconn / workers)),
      },
      handle: exchange => this.#serve(exchange),
    }
    const control = new Control({
      engine,
      counters: this.#counters,
      lines: this.#lines,
      intake,
      bodyBytesMax: () => this.#settings.controlBodyBytesMax,
      mayPublish: exchange => this.#mayPublish(exchange),
      recover: done => this.#recover(done),
    })
    this.gates = { '': clients, tls: clients, local: clients, control }
  }

  /** The playground alone asks here: its control door is below the proxy's paths. */
  handle(exchange: Exchange): void {
    const { path } = exchange
    if (!path.startsWith(playControl)) return this.#serve(new Mounted(exchange))
    this.gates['control']?.handle(new Mounted(exchange, path.slice(playControl.length)))
  }

  statistics(): Readonly<Record<string, number>> {
    return {
      ...this.#counters,
      ...this.#gateway.counters,
      ...this.#origins.statistics(),
      holds: this.#gateway.held,
      storedBytes: this.#gateway.stored.bytes,
      pollsUnheld: this.#gateway.stored.refused,
      zmqConnections: this.#connections.size,
    }
  }

  sided(port: SidePort): void {
    this.#thread.joined(port)
  }

  interest(channel: ChannelName, on: boolean, lingerMs: number): void {
    this.#thread.interest(channel, on, lingerMs)
  }

  /** What another worker's control door, or the thread of ZeroMQ, asks all for. */
  report(topic: string): unknown {
    const asked = parseTopic(topic)
    if (asked !== undefined) return this.#connections.report(asked)
    if (topic === 'recover') {
      this.#context.engine.forgetLastIds()
      this.#gateway.recover()
    }
    return true
  }

  reload(settings: GripSettings): void {
    this.#settings = settings
    this.#gatewaySettings = gatewaySettingsOf(settings)
    this.#isTrusted = this.#trustCheck()
    this.#mayPublish = mayPublishWith(settings)
    this.#routes.reload({ file: settings.routes, text: settings.routesText })
  }

  #serve(exchange: GateExchange): void {
    this.#counters.requests++
    const choice = choose(exchange, {
      table: this.#routes.table,
      settings: this.#settings,
      isTrusted: rawHeaders => this.#isTrusted(rawHeaders),
    })
    if (choice === undefined) {
      this.#counters.routesMissing++
      return this.#refuse(exchange, noRoute(hostOf(exchange)))
    }
    const [target] = choice.rule.targets
    if (exchange.wantsSocket && target?.place.kind === 'zhttpreq') {
      const isShown = choice.rule.debug || this.#settings.debug
      return this.#refuse(exchange, originFailed(noMessageSockets, isShown))
    }
    if (exchange.wantsSocket) return this.#refuse(exchange, noSockets)
    const isEvents = exchange.method === 'POST' && eventsType.test(exchange.header('content-type') ?? '')
    if (isEvents && target?.overHttp === true && !choice.isTrusted)
      return this.#refuse(exchange, eventsForbidden)
    new Passage(this.#gateway, exchange, choice).serve()
  }

  #refuse(exchange: GateExchange, { code, status, reason, body }: Failure): void {
    this.#lines.refused(code, status)
    exchange.reply(status, reason, ['Content-Type', 'text/plain'], body)
  }

  #watch(): WatchedRoutes {
    const { clock, log } = this.#context
    const { routes: file, routesText: text } = this.#settings
    const options = {
      clock,
      loaded: (table: WatchedRoutes['table'], warnings: readonly { line: number; text: string }[]) => {
        const { sigIss, sigKey } = this.#settings
        this.#thread.want(backendsOf(table))
        const unsigned = this.#signers.prepare({ sigIss, sigKey: sigKey[0] ?? '' }, table.rules)
        // Every worker reads them; one says so.
        if (!this.#context.owns('routes')) return
        for (const { line, text } of warnings)
          log.warn({ code: 'routes-doubtful', line }, `line ${line} ${text}`)
        for (const sentence of unsigned) log.warn({ code: 'routes-doubtful' }, sentence)
        log.info(
          { protocol: gripSection.name, entries: table.rules.length },
          `routes loaded with ${table.rules.length} entries`,
        )
      },
      failed: (source: string, why: string) => {
        if (this.#context.owns('routes')) log.error({ code: 'routes-unreadable' }, `${source} ${why}`)
      },
    }
    return new WatchedRoutes(options, { file, text })
  }

  #recover(done: () => void): void {
    this.#context.gather('recover', () => done())
  }

  /** Of the machine of a target its own port alone: others may be doors that no client shall reach. */
  #isLinkPlace(host: string, port: number): boolean {
    const name = host.toLowerCase()
    if (this.#settings.linkHosts.some(allowed => allowed.toLowerCase() === name)) return true
    return this.#routes.table.rules.some(({ targets }) =>
      targets.some(
        ({ place, host }) =>
          place.kind === 'tcp' &&
          place.port === port &&
          (place.host.toLowerCase() === name || host?.replace(/:\d*$/, '').toLowerCase() === name),
      ),
    )
  }

  #trustCheck(): TrustCheck {
    return createTrustCheck(trustedKeys(this.#settings), this.#context.clock)
  }
}

/** What its zhttpreq targets are. */
function backendsOf({ rules }: WatchedRoutes['table']): readonly string[] {
  const specs = rules.flatMap(({ targets }) =>
    targets.flatMap(({ place }) => (place.kind === 'zhttpreq' ? [place.spec] : [])),
  )
  return [...new Set(specs)]
}
