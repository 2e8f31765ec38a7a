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
import { observerOf } from './control/observing.ts'
import { tallyTopic } from './control/prometheus-port.ts'
import type { Emit } from './control/statistics.ts'
import { Tally } from './control/tally.ts'
import { readKeyFile } from './files.ts'
import { Frames } from './format.ts'
import { rateOf } from './hold/rate.ts'
import { InForce } from './in-force.ts'
import { Lines } from './lines.ts'
import { Mounted } from './mounted.ts'
import { Operator } from './operate.ts'
import { type GripEngine, withOwnChannels } from './own-channels.ts'
import { type Choice, choose, hostOf } from './proxy/choice.ts'
import { eventsForbidden, type Failure, jsonpInvalid, noRoute } from './proxy/failures.ts'
import { Gateway } from './proxy/gateway.ts'
import { Passage } from './proxy/passage.ts'
import { Signers } from './proxy/signature.ts'
import { Rules } from './rules.ts'
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
  readonly #engine: GripEngine
  readonly #origins: LazyOrigins
  readonly #signers: Signers
  readonly #rules: Rules
  readonly #lines: Lines
  readonly #gateway: Gateway
  readonly #sockets: Sockets
  readonly #sockjs: Sockjs
  readonly #connections: Connections
  readonly #tally: Tally
  readonly #operator: Operator
  readonly #thread: ThreadEnd
  readonly #inForce: InForce
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
    const { clock, settings } = context
    this.#context = context
    const hasOwnChannels = context.isJoined && settings.publishes === 'node'
    this.#engine = hasOwnChannels ? withOwnChannels(context.engine) : context.engine
    this.#inForce = new InForce(settings, clock)
    this.#origins = new LazyOrigins({
      clock,
      connectionsMax: settings.originConnectionsMax,
      headMs: settings.originHeadMs,
      idleMs: settings.originIdleMs,
    })
    this.#lines = new Lines(context.log, clock)
    this.#tally = new Tally(clock)
    this.#thread = this.#openThread(hasOwnChannels)
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
    this.#gateway = this.#openGateway()
    this.#sockets = openSockets({
      clock,
      gateway: this.#gateway,
      dial: (request, handlers) => this.#origins.dial(request, handlers),
    })
    this.#sockjs = new Sockjs({
      clock,
      gateway: this.#gateway,
      random: systemRandom,
      settings: () => this.#inForce.settings,
      workers: context,
      choose: exchange => this.#choose(exchange),
      sockets: this.#sockets,
    })
    this.#rules = new Rules({
      room: context,
      signers: this.#signers,
      settings: () => this.#inForce.settings,
      wantBackends: specs => this.#thread.want(specs),
    })
    const clients = this.#clientGate()
    this.gates = { '': clients, tls: clients, local: clients, control: this.#openControl() }
  }

  #openThread(hasOwnChannels: boolean): ThreadEnd {
    const { clock, settings } = this.#context
    return new ThreadEnd({
      clock,
      engine: this.#engine,
      hasOwnChannels,
      tellsInterest: settings.zmqSub.length > 0,
      callsMax: settings.zmqRequestsMax,
      stored: {
        take: bytes => this.#gateway.stored.take(bytes),
        giveBack: bytes => this.#gateway.stored.giveBack(bytes),
      },
      counters: this.#counters,
      observer: () => this.#connections.observer,
      wantThread: () => this.#context.wantSide(),
    })
  }

  #clientGate(): GateRoom {
    const { clientBufferBytes, clientMaxconn } = this.#context.settings
    const connectionsMax = Math.max(1, Math.ceil(clientMaxconn / this.#context.workers))
    return {
      limits: { headBytesMax: clientBufferBytes, connectionsMax },
      handle: exchange => this.#serve(exchange),
    }
  }

  #openGateway(): Gateway {
    const { clock, intake, settings, workers } = this.#context
    return new Gateway({
      clock,
      frames: new Frames(),
      connections: this.#connections,
      rate: rateOf(clock, settings, workers),
      holds: {
        engine: this.#engine,
        clock,
        via: gripSection.name,
        lingerMs: settings.subscriptionLingerMs,
        resumes: () => this.#inForce.settings.resumeFromHistory,
      },
      signers: this.#signers,
      lines: this.#lines,
      intake,
      settings: () => this.#inForce.gateway,
      isLinkPlace: (host, port) => this.#rules.isLinkPlace(host, port),
      dispatch: (request, handlers) =>
        request.message === undefined
          ? this.#origins.call(request, handlers)
          : this.#thread.call({ ...request, ...request.message }, handlers),
      random: systemRandom,
      owns: key => this.#context.owns(key),
    })
  }

  #openControl(): Control {
    return new Control({
      engine: this.#engine,
      counters: this.#counters,
      lines: this.#lines,
      intake: this.#context.intake,
      bodyBytesMax: () => this.#inForce.settings.controlBodyBytesMax,
      mayPublish: this.#inForce.mayPublish,
      recover: done => this.#recover(done),
      published: items => this.#connections.observer.published(items),
    })
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

  sided(port: SidePort | undefined): void {
    if (port === undefined) this.#thread.refused()
    else this.#thread.joined(port)
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
      this.#engine.forgetLastIds()
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
    this.#inForce.reload(settings)
    this.#rules.reload()
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
      table: this.#rules.table,
      settings: this.#inForce.settings,
      isTrusted: this.#inForce.isTrusted,
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

  #recover(done: () => void): void {
    this.#context.gather('recover', () => done())
  }
}
