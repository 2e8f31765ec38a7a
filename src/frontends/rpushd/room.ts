// rpushd at work in one worker. The order of the checks decides which refusal a client sees, and is the original's.
import { createBearerCheck } from '../../auth/bearer.ts'
import { type ChannelName, parseChannelName } from '../../engine/words/publication.ts'
import type { Exchange } from '../../net/exchange.ts'
import { Cadence } from '../../std/cadence.ts'
import { RefusalLog } from '../../telemetry/refusals.ts'
import type { FrontendContext, FrontendRoom } from '../frontend.ts'
import { Admission } from '../session/admission.ts'
import type { PendingRequest } from '../session/interest.ts'
import { Refusals } from '../session/refusals.ts'
import { type StreamKind, StreamSession } from '../session/stream-session.ts'
import { ChannelTable } from './channel-table.ts'
import {
  isChannelName,
  isIdempotencyKey,
  isJsonContentType,
  parsePublishBody,
  parseStreamBody,
  parseStreamPath,
} from './codec.ts'
import { createFormats, type Formats } from './format.ts'
import { type Reason, refusals } from './refusals.ts'
import { type RpushdSettings, rpushdSection } from './settings.ts'
import { mergeReports, parseStatsQuery, type StatsReport } from './stats.ts'
import { statsReply } from './stats-rendering.ts'
import { type Client, createStreamKind, type Stream } from './stream.ts'
import { createTokenCheck } from './token.ts'

type Context = FrontendContext<RpushdSettings>

const health = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"status":"ok"}',
} as const

export class Rpushd implements FrontendRoom<RpushdSettings> {
  readonly #context: Context
  readonly #channels: ChannelTable
  readonly #admission: Admission
  readonly #streams: StreamKind<Client>
  readonly #formats: Formats
  readonly #refusals: Refusals<Reason>
  readonly #openedMs: number
  /** Of the node when this room opened. */
  readonly #uptimeMs: number
  #settings: RpushdSettings
  #isPublisher: (authorization: string | undefined) => boolean
  #isToken: (token: string, channel: string, unixSeconds: number) => boolean
  readonly #counters = {
    streams: 0,
    streamsOpened: 0,
    streamsExpired: 0,
    streamsOmitted: 0,
    publishes: 0,
    publishedBytes: 0,
    publicationsOmitted: 0,
    bearersRefused: 0,
    tokensRefused: 0,
  }

  constructor(context: Context) {
    const { clock, engine, log, settings, startedUnixMs } = context
    this.#context = context
    this.#settings = settings
    this.#openedMs = clock.now()
    this.#uptimeMs = clock.unixMs() - startedUnixMs
    this.#channels = new ChannelTable(clock, log, settings)
    this.#refusals = new Refusals(refusals, new RefusalLog(log, clock))
    this.#admission = new Admission(() => this.#settings.streamsMax)
    this.#formats = createFormats(() => {
      this.#counters.publicationsOmitted++
    })
    this.#streams = createStreamKind({
      engine,
      clock,
      cadence: new Cadence<Stream>(clock, settings.heartbeatMs, stream => stream.beat()),
      admission: this.#admission,
      channels: this.#channels,
      counters: this.#counters,
      ageMsMax: () => this.#settings.streamAgeMsMax,
    })
    this.#isPublisher = createBearerCheck(settings.publishSecret)
    this.#isToken = createTokenCheck(settings.secret)
  }

  statistics(): Readonly<Record<string, number>> {
    return {
      ...this.#counters,
      places: this.#admission.places,
      streamsMaxExceeded: this.#admission.refused,
      ...this.#refusals.counters(),
      channels: this.#channels.size,
    }
  }

  /** Streams stay; what comes next is judged by these. */
  reload(settings: RpushdSettings): void {
    this.#settings = settings
    this.#channels.bounds = settings
    this.#isPublisher = createBearerCheck(settings.publishSecret)
    this.#isToken = createTokenCheck(settings.secret)
  }

  /** There is one topic: stats. */
  report(): StatsReport {
    const { streams, streamsOpened, publishes, publishedBytes, bearersRefused } = this.#counters
    // The wall clock is read once; from then on a step of it does not count.
    const uptimeMs = this.#uptimeMs + this.#context.clock.now() - this.#openedMs
    return {
      uptimeMs,
      streams,
      streamsOpened,
      publishes,
      publishedBytes,
      bearersRefused,
      ...this.#channels.report(),
    }
  }

  handle(exchange: Exchange): void {
    const { method, path } = exchange
    if (path === '/api/publish') {
      if (method === 'POST') return this.#publish(exchange)
      return this.#refuseMethod(exchange, 'POST')
    }
    if (path === '/healthz' || path === '/api/stats') {
      if (method !== 'GET' && method !== 'HEAD') return this.#refuseMethod(exchange, 'GET,HEAD')
      return path === '/healthz' ? exchange.reply(health) : this.#stats(exchange)
    }
    const stream = parseStreamPath(path)
    if (stream.kind === 'absent') return this.#refusals.refuse(exchange, 'route-unknown')
    if (method !== 'POST') return this.#refuseMethod(exchange, 'POST')
    if (stream.kind === 'not-utf8') return this.#refusals.refuse(exchange, 'path-not-utf8')
    this.#stream(exchange, stream.name)
  }

  #stats(exchange: Exchange): void {
    const query = parseStatsQuery(exchange.query ?? '')
    if (!query.ok) return this.#refusals.refuse(exchange, 'query-shape', query)
    if (!this.#mayPublish(exchange.header('authorization')))
      return this.#refusals.refuse(exchange, 'not-authorized')
    const { mode, verbose } = query
    if (mode === undefined) return this.#refusals.refuse(exchange, 'mode-unknown')
    const { gather, startedUnixMs } = this.#context
    gather('stats', reports => {
      const parts = reports as readonly StatsReport[] // `report` of this build, in all workers
      const stats = mergeReports(parts, verbose)
      exchange.reply(statsReply(mode, { stats, startedUnixMs, rssBytes: residentBytes() }))
    })
  }

  #publish(exchange: Exchange): void {
    const authorization = exchange.header('authorization')
    const idempotencyKey = exchange.header('idempotency-key')
    this.#readJson(exchange, body => {
      const parsed = parsePublishBody(body)
      if (!parsed.ok) return this.#refusals.refuse(exchange, parsed.reason, parsed)
      const channel = channelOf(parsed.channel)
      if (channel === undefined) return this.#refusals.refuse(exchange, 'channel-invalid')
      if (!this.#mayPublish(authorization))
        return this.#refusals.refuse(exchange, 'not-authorized', { channel })
      if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) {
        return this.#refusals.refuse(exchange, 'idempotency-key-invalid')
      }
      const payload = Buffer.from(parsed.message)
      const content = { kind: 'json', payload } as const
      this.#context.engine.publish({ channel, content, via: rpushdSection.name, idempotencyKey }, outcome => {
        if (typeof outcome === 'string') return this.#refusals.refuse(exchange, outcome, { channel })
        this.#counters.publishes++
        // A repeat is an accepted request, but its bytes were published once.
        if (!outcome.duplicate) this.#counters.publishedBytes += payload.length
        this.#channels.published(channel)
        exchange.reply({ status: 204 })
      })
    })
  }

  #stream(exchange: Exchange, name: string): void {
    this.#readJson(exchange, body => {
      const parsed = parseStreamBody(body)
      if (!parsed.ok) return this.#refusals.refuse(exchange, parsed.reason, parsed)
      const channel = channelOf(name)
      if (channel === undefined) return this.#refusals.refuse(exchange, 'channel-invalid')
      if (!this.#isToken(parsed.token, channel, Math.floor(this.#context.clock.unixMs() / 1_000))) {
        this.#counters.tokensRefused++
        return this.#refusals.refuse(exchange, 'not-authorized', { channel })
      }
      if (!this.#admission.enter()) return this.#refusals.refuse(exchange, 'too-many-streams', { channel })
      this.#context.routed(exchange, channel)
      const { resume } = parsed
      const optedIn = resume !== undefined
      const refuse: PendingRequest['refuse'] = (reason, _, more) =>
        this.#refusals.refuse(exchange, reason, more)
      const request = { exchange, refuse }
      const format = optedIn ? this.#formats.counting : this.#formats.plain
      const client = { optedIn, use: undefined, openedMs: 0 }
      new StreamSession(this.#streams, request, format, client).open({
        channels: [channel],
        since: resume?.since,
        rest: resume !== undefined,
      })
    })
  }

  #refuseMethod(exchange: Exchange, allow: string): void {
    this.#refusals.refuse(exchange, 'method-not-allowed', { headers: { allow } })
  }

  #mayPublish(authorization: string | undefined): boolean {
    const may = this.#isPublisher(authorization)
    if (!may) this.#counters.bearersRefused++
    return may
  }

  /** The content type is judged before the size, the size before the syntax. */
  #readJson(exchange: Exchange, done: (body: Uint8Array) => void): void {
    const isJson = isJsonContentType(exchange.header('content-type'))
    const judge = (body: Uint8Array | undefined) => {
      if (!isJson) return this.#refusals.refuse(exchange, 'content-type')
      if (body === undefined) return this.#refusals.refuse(exchange, 'body-too-large')
      done(body)
    }
    // What is kept of it is text.
    exchange.readBody(this.#settings.bodyBytesMax, judge, { borrowed: true })
  }
}

function channelOf(name: string): ChannelName | undefined {
  return isChannelName(name) ? parseChannelName(name) : undefined
}

/** Undefined where the system does not say. */
function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss()
  } catch {
    return undefined
  }
}
