// GRIP at work in one worker: two gates, one for clients and one for publishers; the rules in force; and what all requests
// share. The life of a request is in proxy/passage.ts.

import type { ChannelName } from '../../engine/words/publication.ts'
import type { Exchange } from '../../net/exchange.ts'
import type { GateExchange } from '../../net/gate/gate-exchange.ts'
import { LazyOrigins } from '../../net/outgoing/lazy-origins.ts'
import { systemRandom } from '../../std/random.ts'
import type { FrontendContext, FrontendRoom, GateRoom } from '../frontend.ts'
import type { OperatorCall } from '../operate.ts'
import type { SidePort } from '../side.ts'
import { readJsonp } from './browser/jsonp-request.ts'
import { isSockjs, Sockjs } from './browser/sockjs/sockjs.ts'
import { Connections } from './control/connections.ts'
import { Control } from './control/control.ts'
import { type CredentialCheck, mayPublishWith } from './control/credentials.ts'
import { observerOf } from './control/observing.ts'
import { tallyTopic } from './control/prometheus-port.ts'
import type { Emit } from './control/statistics.ts'
import { Tally } from './control/tally.ts'
import { readKeyFile, trustedKeys } from './files.ts'
import { Frames } from './format.ts'
import { rateOf } from './hold/rate.ts'
import { Lines } from './lines.ts'
import { Mounted } from './mounted.ts'
import { Operator } from './operate.ts'
import { type Choice, choose, hostOf } from './proxy/choice.ts'
import { eventsForbidden, type Failure, jsonpInvalid, noRoute } from './proxy/failures.ts'
import { Gateway, type GatewaySettings } from './proxy/gateway.ts'
import { Passage } from './proxy/passage.ts'
import { gatewaySettingsOf } from './proxy/settings.ts'
import { Signers } from './proxy/signature.ts'
import { createTrustCheck, type TrustCheck } from './proxy/trust.ts'
import { WatchedRoutes } from './routes/watched.ts'
import { type GripSettings, gripSection } from './settings.ts'
import { claimsEvents } from './socket/events.ts'
import { openSockets } from './socket/open-sockets.ts'
import type { Sockets } from './socket/sockets.ts'
import { ThreadEnd } from './zmq/thread-end.ts'
import { parseTopic } from './zmq/topics.ts'

/** In front of the paths of the control door. */
const playControl = '/control'

type Context = FrontendContext<GripSettings>

export class Grip implements FrontendRoom<GripSettings> {
  readonly gates: Readonly<Record<string, GateRoom>>
  readonly #context: Context
  readonly #origins: LazyOrigins
  readonly #signers: Signers
  readonly #routes: WatchedRoutes
  readonly #lines: Lines
  readonly #gateway: Gateway
  readonly #sockets: Sockets
  readonly #sockjs: Sockjs
  readonly #connections: Connections
  readonly #tally: Tally
  readonly #operator: Operator
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

  /** `emit`: where statistics go, which are made for it alone; by default to the thread of ZeroMQ, where that publishes any. */
  constructor(context: Context, emit?: Emit) {
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
    this.#tally = new Tally(clock)
    this.#thread = new ThreadEnd({
      clock,
      engine,
      tellsInterest: settings.zmqSub.length > 0,
      callsMax: settings.zmqRequestsMax,
      counters: this.#counters,
      published: () => this.#connections.observer.published(1),
      wantThread: () => context.wantSide(),
    })
    const told = emit ?? (settings.zmqStats === 'off' ? undefined : batch => this.#thread.report(batch))
    this.#connections = new Connections({
      random: systemRandom,
      cut: (why, facts, id) => this.#lines.cut(why, facts, id),
      observerFor: connections => observerOf(this.#tally, { clock, settings, connections, emit: told }),
    })
    this.#operator = new Operator({
      connections: this.#connections,
      gather: (topic, done) => context.gather(topic, done),
    })
    this.#signers = new Signers(clock, readKeyFile)
    this.#gateway = new Gateway({
      clock,
      frames: new Frames(),
      connections: this.#connections,
      rate: rateOf(clock, settings, workers),
      holds: {
        engine,
        clock,
        via: gripSection.name,
        lingerMs: settings.subscriptionLingerMs,
        resumes: () => this.#settings.resumeFromHistory,
      },
      signers: this.#signers,
      lines: this.#lines,
      intake,
      settings: () => this.#gatewaySettings,
      isLinkPlace: (host, port) => this.#isLinkPlace(host, port),
      dispatch: (request, handlers) =>
        request.message === undefined
          ? this.#origins.call(request, handlers)
          : this.#thread.call({ ...request, ...request.message }, handlers),
      random: systemRandom,
      owns: key => context.owns(key),
    })
    this.#sockets = openSockets({
      clock,
      gateway: this.#gateway,
      dial: (request, handlers) => this.#origins.dial(request, handlers),
    })
    this.#sockjs = new Sockjs({
      gateway: this.#gateway,
      random: systemRandom,
      settings: () => this.#settings,
      workers: context,
      choose: exchange => this.#choose(exchange),
      sockets: this.#sockets,
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
      published: items => this.#connections.observer.published(items),
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
      ...this.#gateway.filters.counters,
      filterRequestsWaiting: this.#gateway.filters.allotment.waiting,
      ...this.#origins.statistics(),
      ...this.#connections.statistics,
      deliveriesWaiting: this.#gateway.rate?.waiting ?? 0,
      storedBytes: this.#gateway.stored.bytes,
      pollsUnheld: this.#gateway.stored.refused,
      ...this.#gateway.eventCalls.statistics(),
      ...this.#sockets.statistics(),
      ...this.#sockjs.counters,
    }
  }

  sided(port: SidePort): void {
    this.#thread.joined(port)
  }

  interest(channel: ChannelName, on: boolean, lingerMs: number): void {
    this.#thread.interest(channel, on, lingerMs)
  }

  operate(call: OperatorCall): void {
    this.#operator.operate(call)
  }

  /** What another worker, the primary, or the thread of ZeroMQ asks all for. */
  report(topic: string): unknown {
    if (topic === tallyTopic) return this.#tally.report
    const asked = parseTopic(topic)
    if (asked !== undefined) return this.#connections.report(asked)
    const operated = this.#operator.report(topic)
    if (operated !== undefined) return operated
    if (topic === 'recover') {
      this.#context.engine.forgetLastIds()
      this.#gateway.recover()
    }
    return true
  }

  /** Of sessions that this worker owns, and requests that wait here. */
  answer(_key: string, question: string): unknown {
    return this.#sockjs.answer(question)
  }

  drain(spreadMs: number, done: () => void): void {
    this.#sockets.drain(spreadMs, done)
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
    const choice = this.#choose(exchange)
    if (choice === undefined) {
      this.#counters.routesMissing++
      return this.#refuse(exchange, noRoute(hostOf(exchange)))
    }
    if (isSockjs(choice)) return this.#sockjs.serve(choice)
    if (exchange.wantsSocket) return this.#sockets.serve(choice)
    const reading = this.#gateway.isCrossOrigin(choice.rule) ? readJsonp(choice) : undefined
    if (reading?.ok === false) return this.#refuse(exchange, jsonpInvalid(reading.error), choice)
    this.#pass(reading?.choice ?? choice)
  }

  #choose(exchange: GateExchange): Choice | undefined {
    return choose(exchange, {
      table: this.#routes.table,
      settings: this.#settings,
      isTrusted: rawHeaders => this.#isTrusted(rawHeaders),
    })
  }

  #pass(choice: Choice): void {
    const { exchange, rule, isTrusted } = choice
    const isEvents = exchange.method === 'POST' && claimsEvents(exchange.rawHeaders)
    if (isEvents && rule.targets.some(({ overHttp }) => overHttp) && !isTrusted)
      return this.#refuse(exchange, eventsForbidden)
    new Passage(this.#gateway, exchange, choice).serve()
  }

  /** What is said to a WebSocket has no type (contract §4.8). With a choice, pages of other origins may read it as that says. */
  #refuse(exchange: GateExchange, { code, status, reason, body }: Failure, choice?: Choice): void {
    this.#lines.refused(code, status)
    const headers = exchange.wantsSocket ? [] : ['Content-Type', 'text/plain']
    const all = choice ? this.#gateway.decorated(choice, exchange.rawHeaders, headers) : headers
    exchange.reply(status, reason, all, body)
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
