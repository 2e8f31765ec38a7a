// pushy at work in one worker. Who asks is judged first, whatever the path, then the body, then the route: that order
// decides which refusal a client sees, and is the original's. What the original does not know is judged before the body,
// which costs the most: whether a token opens the channel. Both generations meet here: README.md tells them apart.
import type { JwtKey } from '../../auth/jwt-keys.ts'
import { mintJwt } from '../../auth/jwt-mint.ts'
import { readKeyFile } from '../../auth/key-file.ts'
import type { Exchange } from '../../net/exchange.ts'
import type { Random } from '../../std/random.ts'
import { RefusalLog } from '../../telemetry/refusals.ts'
import type { FrontendContext, FrontendRoom } from '../frontend.ts'
import { Refusals } from '../session/refusals.ts'
import { Authority, type Bearer, bearerTokenOf, keysOf } from './authority.ts'
import { Call } from './call.ts'
import { isIdempotencyKey } from './codec.ts'
import { readClaims } from './minting.ts'
import { cookieOf, isListed, originHeaders, preflightHeaders } from './origins.ts'
import { type Parameters, readParameters, segmentsOf } from './parameters.ts'
import { type DraftParts, readDraft } from './publication.ts'
import { accepted, type Reason, refusals } from './refusals.ts'
import type { PushySettings } from './settings.ts'
import { Streams } from './streams.ts'
import type { TicketGrant } from './tickets.ts'

type Context = FrontendContext<PushySettings>

const none = new Uint8Array(0)

/** Requests that may have a body, as the original reads them. */
const bodied = /^(?:POST|PUT|PATCH|DELETE)$/

const requiredTtlMs = 3_600_000

export class Pushy implements FrontendRoom<PushySettings> {
  readonly #context: Context
  readonly #random: Random
  readonly #authority: Authority
  readonly #streams: Streams
  readonly #refusals: Refusals<Reason>
  #settings: PushySettings
  readonly #counters = {
    publishes: 0,
    publishedBytes: 0,
    tokensRefused: 0,
    tokensMinted: 0,
  }

  constructor(context: Context, random: Random) {
    const { clock, log, settings } = context
    this.#context = context
    this.#random = random
    this.#settings = settings
    this.#authority = new Authority(clock, settings, this.#keysAtOpen())
    this.#streams = new Streams(context, random, this.#authority)
    this.#refusals = new Refusals(refusals, new RefusalLog(log, clock))
  }

  statistics(): Readonly<Record<string, number>> {
    return {
      ...this.#counters,
      ...this.#streams.statistics(),
      ...this.#authority.statistics(),
      ...this.#refusals.counters(),
    }
  }

  /**
   * The start checked the key set's file. Where it went bad since, the successor of a dead worker goes on without it:
   * its tokens are refused until the file is mended and read again.
   */
  #keysAtOpen(): readonly JwtKey[] {
    try {
      return keysOf(this.#settings, readKeyFile).keys
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#context.log.error({ code: 'reload-refused' }, why)
      return keysOf({ ...this.#settings, jwksFile: '' }, readKeyFile).keys
    }
  }

  /** Streams stay; what comes next is judged by these. */
  reload(settings: PushySettings): void {
    try {
      this.#authority.reload(settings, keysOf(settings, readKeyFile).keys)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return this.#context.log.error({ code: 'reload-refused' }, why)
    }
    this.#settings = settings
    this.#streams.reload(settings)
  }

  /** There is one question: the grant of a ticket that another worker was shown, by its number. */
  answer(number: string): TicketGrant | undefined {
    return this.#streams.answer(number)
  }

  handle(exchange: Exchange): void {
    const segments = segmentsOf(exchange.path)
    const origin = exchange.header('origin')
    const headers = originHeaders(origin, this.#settings)
    const call = new Call(exchange, segments, headers, this.#refusals)
    if (origin !== undefined && isListed(origin, this.#settings) && isPreflight(exchange)) {
      return call.reply({ status: 204, headers: preflightHeaders })
    }
    const route = routeOf(exchange.method, segments)
    if (route === 'token') {
      return this.#asPublisher(call, () => parameters => this.#mint(call, parameters))
    }
    if (route === 'publish' && this.#authority.showsCredential(exchange)) {
      return this.#asPublisher(call, () => this.#publishTo(call))
    }
    const query = new URLSearchParams(exchange.query ?? '')
    const ticket = route === 'stream' ? query.get('ticket') : null
    if (ticket !== null) return this.#streams.redeem(call, ticket)
    const token =
      bearerTokenOf(exchange) ?? (route === 'stream' ? this.#streamToken(exchange, query) : undefined)
    if (token === undefined) return call.refuse('token-missing')
    this.#asBearer(call, token, bearer => this.#serve(call, route, bearer))
  }

  #serve(call: Call, route: Route, bearer: Bearer): Serving {
    switch (route) {
      case 'publish':
        if (!this.#settings.tokenPublish || !this.#authority.mayUse(bearer, call.channel)) {
          return call.refuse('forbidden')
        }
        return this.#publishTo(call)
      case 'channels':
        return parameters => this.#streams.openChannels(call, bearer, parameters)
      case 'stream':
      case 'ticket':
        if (!this.#authority.mayUse(bearer, call.channel)) return call.refuse('forbidden')
        return route === 'stream'
          ? () => this.#streams.openChannel(call, bearer)
          : () => this.#streams.issue(call, bearer)
      case 'token': // served before, for it takes no bearer
      case 'unknown':
        return () => call.refuse('route-unknown')
      default:
        return route satisfies never
    }
  }

  /** Tokens that native EventSource can carry: it cannot send a header. */
  #streamToken(exchange: Exchange, query: URLSearchParams): string | undefined {
    const { cookie, queryToken } = this.#settings
    const inQuery = queryToken ? query.get('token') : null
    if (inQuery !== null) return inQuery
    const origin = exchange.header('origin')
    // Browsers send cookies along whoever's page it is.
    const isOwn = origin === undefined ? exchange.header('sec-fetch-site') !== 'cross-site' : false
    const isNamed =
      origin !== undefined && !this.#settings.origins.includes('*') && isListed(origin, this.#settings)
    return isOwn || isNamed ? cookieOf(exchange.header('cookie'), cookie) : undefined
  }

  #asPublisher(call: Call, judge: () => Serving): void {
    if (!this.#authority.isPublisher(call.exchange)) return call.refuse('credential-wrong')
    const serve = judge()
    if (serve === undefined) return
    call.exchange.readBody(this.#settings.bodyBytesMax, body => this.#withParameters(call, body, serve))
  }

  /** Body and token are waited for side by side, since a body must be read at once. The token is judged first. */
  #asBearer(call: Call, token: string, judge: (bearer: Bearer) => Serving): void {
    const { exchange } = call
    let serve: Serving
    let body: { readonly bytes: Uint8Array | undefined } | undefined
    const proceed = () => {
      if (serve !== undefined && body !== undefined) this.#withParameters(call, body.bytes, serve)
    }
    if (bodied.test(exchange.method)) {
      exchange.readBody(this.#settings.bodyBytesMax, bytes => {
        body = { bytes }
        proceed()
      })
    } else {
      body = { bytes: none }
    }
    this.#authority.verify(token, outcome =>
      exchange.guarded(() => {
        if (typeof outcome === 'string') {
          this.#counters.tokensRefused++
          return call.refuse(outcome)
        }
        serve = judge(outcome)
        proceed()
      }),
    )
  }

  #withParameters(call: Call, body: Uint8Array | undefined, done: (parameters: Parameters) => void): void {
    if (body === undefined) return call.refuse('body-too-large')
    const { exchange } = call
    const type = bodied.test(exchange.method) ? exchange.header('content-type') : undefined
    const reading = readParameters(exchange.query, type, body)
    if (!reading.ok) return call.refuse(reading.reason)
    done(reading.parameters)
  }

  #mint(call: Call, parameters: Parameters): void {
    const { tokenTtlMs, tokenExpiryRequired, secret } = this.#settings
    const ttlMs = tokenTtlMs === 0 && tokenExpiryRequired ? requiredTtlMs : tokenTtlMs
    const exp = ttlMs === 0 ? undefined : Math.floor((this.#context.clock.unixMs() + ttlMs) / 1_000)
    const reading = readClaims(parameters, exp)
    if (!reading.ok) return call.refuse(reading.reason, reading.detail)
    this.#counters.tokensMinted++
    call.secret({ token: mintJwt(secret[0] ?? '', reading.claims) })
  }

  #publishTo(call: Call): Serving {
    const idempotencyKey = call.exchange.header('idempotency-key')
    if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) {
      return call.refuse('idempotency-key-invalid')
    }
    const channel = call.channelName(this.#settings.nameBytesMax)
    if (channel === undefined) return call.refuse('parameter-invalid', 'channel')
    this.#context.routed(call.exchange, channel)
    return parameters => this.#publish(call, parameters, { channel, idempotencyKey })
  }

  #publish(call: Call, parameters: Parameters, place: Pick<DraftParts, 'channel' | 'idempotencyKey'>): void {
    const { clock, engine } = this.#context
    const reading = readDraft(parameters, {
      ...place,
      unixMs: clock.unixMs(),
      randomHex: this.#random.hex(16),
      namesEvents: this.#settings.eventNames,
    })
    if (!reading.ok) return call.refuse(reading.reason, reading.detail)
    engine.publish(reading.draft, outcome => {
      if (typeof outcome === 'string') return call.refuse(outcome)
      this.#counters.publishes++
      // A repeat is an accepted request, but its bytes were published once.
      if (!outcome.duplicate) this.#counters.publishedBytes += reading.draft.content.payload.length
      call.reply(accepted)
    })
  }
}

/** What is done with the parameters once they are there; undefined: it is refused without them. */
type Serving = ((parameters: Parameters) => void) | undefined

type Route = 'publish' | 'channels' | 'stream' | 'ticket' | 'token' | 'unknown'

function routeOf(method: string, [first, second, third, ...more]: readonly string[]): Route {
  if (more.length > 0) return 'unknown'
  if (method === 'POST' && second === undefined) {
    if (first === 'sse') return 'channels'
    if (first === 'token') return 'token'
  }
  if (method === 'POST' && first === 'publish' && second !== undefined && third === undefined)
    return 'publish'
  if (first !== 'channels') return 'unknown'
  if (method === 'GET' && third === 'stream') return 'stream'
  return method === 'POST' && third === 'ticket' ? 'ticket' : 'unknown'
}

function isPreflight(exchange: Exchange): boolean {
  return exchange.method === 'OPTIONS' && exchange.header('access-control-request-method') !== undefined
}
