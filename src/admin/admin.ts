// The admin listener: health, metrics and the HTTP API (README.md). Any worker serves it; what concerns the whole
// node it asks. The order of the checks: who asks, which route, whose secret, which method.
import { createBearerCheck } from '../auth/bearer.ts'
import type { Engine } from '../engine/engine.ts'
import type { ChannelName } from '../engine/words/publication.ts'
import { Refusals } from '../frontends/session/refusals.ts'
import type { Exchange } from '../net/exchange.ts'
import type { Clock } from '../std/clock.ts'
import { type Random, systemRandom } from '../std/random.ts'
import { Rounds } from '../std/rounds.ts'
import type { Log } from '../telemetry/log.ts'
import type { MetricRow } from '../telemetry/metric-row.ts'
import { RefusalLog } from '../telemetry/refusals.ts'
import { type Access, checkAccess } from './access.ts'
import { Api } from './api.ts'
import { Call, type Headers } from './call.ts'
import { parseSegment } from './channels.ts'
import { live, readinessOf } from './health.ts'
import type { Metric } from './metric.ts'
import { createMetricTable } from './metric-table.ts'
import { type Exposition, exposition } from './metrics.ts'
import { matchOperated, type Operated, operatorCall } from './operated.ts'
import { readProcess } from './process-readings.ts'
import { type Code, refusals } from './refusals.ts'
import { type Action, isGuarded, matchRoute, type RouteMatch } from './routes.ts'
import type { AdminSettings } from './settings.ts'
import { type NodeStatus, statusJson } from './status.ts'
import { packageVersion } from './version.ts'

export type { NodeStatus } from './status.ts'

export interface AdminContext {
  readonly settings: AdminSettings
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Log
  /** What front-ends count, whether they run or not. */
  readonly metrics: readonly MetricRow[]
  /** What front-ends serve here. */
  readonly operated?: readonly Operated[]
  /** Calls `done` once. */
  status(done: (status: NodeStatus) => void): void
  /** Of the program; without it the package's own. */
  readonly version?: string
  /** Makes the numbers of requests; without it the system's. */
  readonly random?: Random
}

const preflightMaxAgeSeconds = '600'

export class Admin {
  #settings: AdminSettings
  readonly #status: Rounds<NodeStatus>
  readonly #exposition: Rounds<Exposition>
  readonly #version: string
  readonly #metricTable: readonly Metric[]
  readonly #random: Random
  readonly #api: Api
  readonly #operated: readonly Operated[]
  #isOperator: (authorization: string | undefined) => boolean
  #requests = 0
  readonly #refusals: Refusals<Code>
  readonly #actions: Readonly<Record<Action, (call: Call, channel: ChannelName) => void>> = {
    live: call => call.json(live),
    ready: call => this.#ready(call),
    metrics: call =>
      this.#exposition.ask(({ contentType, text }) => call.send(200, { 'content-type': contentType }, text)),
    node: call => this.#status.ask(status => call.json(statusJson(status, this.#version))),
    publish: call => this.#api.publish(call, this.#settings.bodyBytesMax),
    info: (call, channel) => this.#api.info(call, channel),
    presence: (call, channel) => this.#api.presence(call, channel),
    history: (call, channel) => this.#api.history(call, channel),
    stream: (call, channel) => this.#api.stream(call, channel),
  }

  constructor(context: AdminContext) {
    this.#settings = context.settings
    this.#isOperator = createBearerCheck(context.settings.secret)
    this.#status = new Rounds(done => context.status(done))
    this.#exposition = new Rounds(done => this.#expose(done))
    this.#version = context.version ?? packageVersion()
    this.#metricTable = createMetricTable(context.metrics)
    this.#random = context.random ?? systemRandom
    this.#refusals = new Refusals(refusals, new RefusalLog(context.log, context.clock))
    this.#operated = context.operated ?? []
    this.#api = new Api(context.engine, context.clock)
  }

  statistics(): Readonly<Record<string, number>> {
    return { requests: this.#requests, ...this.#api.counters, ...this.#refusals.counters('refusals.') }
  }

  /** Streams that are open stay, also where their secret is gone. */
  reload(settings: AdminSettings): void {
    this.#settings = settings
    this.#isOperator = createBearerCheck(settings.secret)
  }

  handle(exchange: Exchange): void {
    const { access, call } = this.#receive(exchange)
    const origin = access.ok ? access.origin : undefined
    if (!access.ok) return call.refuse(access.code, access.detail)
    const found = matchRoute(exchange.path)
    const operated = matchOperated(this.#operated, exchange.path)
    const methods = found?.route.methods ?? operated?.methods
    if (methods !== undefined && exchange.method === 'OPTIONS' && origin !== undefined)
      return this.#allow(call, methods)
    const barred = isGuarded(exchange.path) ? this.#barred(exchange) : undefined
    if (barred !== undefined) return call.refuse(barred.code, barred.detail)
    if (methods === undefined) return call.refuse('route-unknown')
    if (!methods.includes(exchange.method)) {
      return call.refuse('method-not-allowed', undefined, { headers: { allow: methods.join(', ') } })
    }
    if (found !== undefined) this.#act(call, found)
    else if (operated !== undefined) {
      operated.frontend.handle(operatorCall(call, operated, this.#settings.bodyBytesMax))
    }
  }

  #act(call: Call, { route, segment }: RouteMatch): void {
    const channel = parseSegment(segment)
    if (channel === undefined) {
      return call.refuse(
        'channel-invalid',
        'A name is percent-encoded UTF-8 of 1024 bytes at most, and does not begin with U+0001.',
      )
    }
    this.#actions[route.action](call, channel)
  }

  /** What else is mounted on the listener, for whom the listener answers at all; its own pages are among them. */
  guarded(handle: (exchange: Exchange) => void): (exchange: Exchange) => void {
    return exchange => {
      const { access, call } = this.#receive(exchange, true)
      if (access.ok) handle(exchange)
      else call.refuse(access.code, access.detail)
    }
  }

  #receive(exchange: Exchange, hasPages = false): { readonly access: Access; readonly call: Call } {
    this.#requests++
    const access = checkAccess(name => exchange.header(name), this.#settings, hasPages)
    const headers = this.#headersFor(access.ok ? access.origin : undefined)
    return { access, call: new Call(exchange, headers, this.#refusals) }
  }

  #headersFor(origin: string | undefined): Headers {
    const own = { 'x-request-id': this.#random.hex(8), 'x-content-type-options': 'nosniff' }
    if (origin === undefined) return this.#settings.origins.length === 0 ? own : { ...own, vary: 'origin' }
    const exposed = 'x-request-id, retry-after'
    return {
      ...own,
      vary: 'origin',
      'access-control-allow-origin': origin,
      'access-control-expose-headers': exposed,
    }
  }

  #barred(exchange: Exchange): { code: Code; detail: string } | undefined {
    if (this.#settings.secret.length === 0) {
      return { code: 'api-disabled', detail: 'Set RINGCAST_ADMIN_SECRET to use paths under /v1.' }
    }
    if (this.#isOperator(exchange.header('authorization'))) return undefined
    return {
      code: 'bearer-refused',
      detail: 'Send Authorization: Bearer and the value of RINGCAST_ADMIN_SECRET.',
    }
  }

  /** What a browser asks before it sends what a form could not (Fetch standard, CORS-preflight fetch). */
  #allow(call: Call, methods: readonly string[]): void {
    call.send(204, {
      'access-control-allow-methods': methods.join(', '),
      'access-control-allow-headers': 'authorization, content-type, last-event-id',
      'access-control-max-age': preflightMaxAgeSeconds,
    })
  }

  #ready(call: Call): void {
    this.#status.ask(status => {
      const readiness = readinessOf(status)
      call.json(JSON.stringify(readiness), readiness.status === 'ready' ? 200 : 503)
    })
  }

  #expose(done: (exposition: Exposition) => void): void {
    this.#status.ask(async status => {
      const ofProcess = await readProcess(status.startedUnixMs)
      done(await exposition(this.#metricTable, status, this.#version, ofProcess))
    })
  }
}
