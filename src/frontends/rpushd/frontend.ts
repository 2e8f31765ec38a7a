// rpushd: POST a token, get a stream of length-prefixed frames; POST a message with a bearer secret. Read README.md
// for the wire. The order of the checks decides which refusal a client sees, and is the original's.
import { createBearerCheck } from '../../auth/bearer.ts'
import { mintHmacToken } from '../../auth/hmac-token.ts'
import { parseChannelName } from '../../engine/publication.ts'
import type { Exchange } from '../../net/exchange.ts'
import { Cadence } from '../../std/cadence.ts'
import type { Frontend, FrontendContext, FrontendRoom } from '../frontend.ts'
import {
  isChannelName,
  isIdempotencyKey,
  isJsonContentType,
  parsePublishBody,
  parseStreamBody,
  parseStreamPath,
} from './codec.ts'
import { methodReply, type Reason, refusalReply } from './refusals.ts'
import { type RpushdSettings, rpushdSection } from './settings.ts'
import { Stream } from './stream.ts'
import { createTokenCheck } from './token.ts'

type Context = FrontendContext<RpushdSettings>

const health = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"status":"ok"}',
} as const

/** How long the token of the development greeting lasts. */
const greetingTokenSeconds = 86_400

export const frontend: Frontend<typeof rpushdSection> = {
  name: rpushdSection.name,
  section: rpushdSection,
  open: context => new Rpushd(context),
  greeting(settings, address, unixMs) {
    const exp = Math.floor(unixMs / 1_000) + greetingTokenSeconds
    const token = mintHmacToken(settings.secret, { aud: 'rpushd', channel: 'demo', exp, scope: 'subscribe' })
    const json = "-H 'content-type: application/json'"
    return [
      `curl -sN http://${address}/api/stream/demo ${json} -d '{"token":"${token}"}' -o -`,
      `curl -i http://${address}/api/publish ${json} -H 'authorization: Bearer ${settings.publishSecret}' -d '{"channel":"demo","message":{"hello":"world"}}'`,
    ]
  },
}

class Rpushd implements FrontendRoom {
  readonly #context: Context
  readonly #cadence: Cadence<Stream>
  readonly #isPublisher: (authorization: string | undefined) => boolean
  readonly #isToken: (token: string, channel: string, unixSeconds: number) => boolean
  readonly #counters = {
    streams: 0,
    streamsOpened: 0,
    publishes: 0,
    publishedBytes: 0,
    bearersRefused: 0,
    tokensRefused: 0,
  }

  constructor(context: Context) {
    this.#context = context
    this.#cadence = new Cadence(context.clock, context.settings.heartbeatMs, stream => stream.beat())
    this.#isPublisher = createBearerCheck(context.settings.publishSecret)
    this.#isToken = createTokenCheck([context.settings.secret])
  }

  statistics(): Readonly<Record<string, number>> {
    return this.#counters
  }

  handle(exchange: Exchange): void {
    const { method, path } = exchange
    if (path === '/api/publish') {
      if (method === 'POST') return this.#publish(exchange)
      return exchange.reply(methodReply('POST'))
    }
    if (path === '/healthz') {
      return exchange.reply(method === 'GET' || method === 'HEAD' ? health : methodReply('GET,HEAD'))
    }
    const stream = parseStreamPath(path)
    if (stream.kind === 'absent') return refuse(exchange, 'route-unknown')
    if (method !== 'POST') return exchange.reply(methodReply('POST'))
    if (stream.kind === 'not-utf8') return refuse(exchange, 'path-not-utf8')
    this.#stream(exchange, stream.name)
  }

  #publish(exchange: Exchange): void {
    const authorization = exchange.header('authorization')
    const idempotencyKey = exchange.header('idempotency-key')
    this.#readJson(exchange, body => {
      const parsed = parsePublishBody(body)
      if (!parsed.ok) return refuse(exchange, parsed.reason, parsed.detail)
      const channel = isChannelName(parsed.channel) ? parseChannelName(parsed.channel) : undefined
      if (channel === undefined) return refuse(exchange, 'channel-invalid')
      if (!this.#isPublisher(authorization)) {
        this.#counters.bearersRefused++
        return refuse(exchange, 'not-authorized')
      }
      if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) {
        return refuse(exchange, 'idempotency-key-invalid')
      }
      const payload = Buffer.from(parsed.message)
      const draft = {
        channel,
        content: { kind: 'json', payload },
        via: rpushdSection.name,
        idempotencyKey,
      } as const
      this.#context.engine.publish(draft, outcome => {
        if (typeof outcome === 'string') return refuse(exchange, outcome)
        this.#counters.publishes++
        this.#counters.publishedBytes += payload.length
        exchange.reply({ status: 204 })
      })
    })
  }

  #stream(exchange: Exchange, name: string): void {
    this.#readJson(exchange, body => {
      const parsed = parseStreamBody(body)
      if (!parsed.ok) return refuse(exchange, parsed.reason, parsed.detail)
      const channel = isChannelName(name) ? parseChannelName(name) : undefined
      if (channel === undefined) return refuse(exchange, 'channel-invalid')
      const { clock, engine } = this.#context
      if (!this.#isToken(parsed.token, channel, Math.floor(clock.unixMs() / 1_000))) {
        this.#counters.tokensRefused++
        return refuse(exchange, 'not-authorized')
      }
      new Stream(engine, this.#cadence, this.#counters, exchange).open(channel, parsed.resume)
    })
  }

  /** The content type is judged before the size, the size before the syntax. */
  #readJson(exchange: Exchange, done: (body: Uint8Array) => void): void {
    const isJson = isJsonContentType(exchange.header('content-type'))
    exchange.readBody(this.#context.settings.bodyBytesMax, body => {
      if (!isJson) return refuse(exchange, 'content-type')
      if (body === undefined) return refuse(exchange, 'body-too-large')
      done(body)
    })
  }
}

function refuse(exchange: Exchange, reason: Reason, detail?: string): void {
  exchange.reply(refusalReply(reason, detail))
}
