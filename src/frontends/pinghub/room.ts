// Pinghub at work in one worker. The order of the checks decides which refusal a client sees, and is the original's.
import { isUtf8 } from 'node:buffer'
import { type ChannelName, parseChannelName } from '../../engine/words/publication.ts'
import type { Exchange } from '../../net/exchange.ts'
import type { SocketSettings } from '../../net/socket.ts'
import { Cadence } from '../../std/cadence.ts'
import { RefusalLog } from '../../telemetry/refusals.ts'
import type { FrontendContext, FrontendRoom } from '../frontend.ts'
import { Admission } from '../session/admission.ts'
import type { PendingRequest } from '../session/interest.ts'
import { Refusals } from '../session/refusals.ts'
import { type SocketKind, SocketSession } from '../session/socket-session.ts'
import { type Client, type ClientSession, createClientKind } from './client.ts'
import { contentOf, createFormats, parseResume } from './codec.ts'
import { faultOf, meansSocket } from './handshake.ts'
import type { CounterReport } from './meters.ts'
import { createOriginCheck } from './origin.ts'
import { pageOf } from './page.ts'
import { parseTarget } from './path.ts'
import { handshakeHeaders, type Reason, refusals } from './refusals.ts'
import { type PinghubSettings, pinghubSection } from './settings.ts'

/** Longer than any period between pongs can be, so that the socket layer's own pings never come to it. */
const socketPingMs = 120_000

/** Bytes of answers to a client that is behind: some empty messages and pongs, then it is cut. */
const behindBytesMax = 65_536

const accepted = {
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: 'OK\n',
} as const

type Context = FrontendContext<PinghubSettings>

export class Pinghub implements FrontendRoom<PinghubSettings> {
  readonly sockets: SocketSettings
  readonly #context: Context
  readonly #admission: Admission
  readonly #clients: SocketKind<Client>
  readonly #formats = createFormats()
  /** Sockets by channel, for the metrics port. */
  readonly #channels = new Map<string, number>()
  readonly #refusals: Refusals<Reason>
  readonly #allowsOrigin: (origin: string | undefined) => boolean
  readonly #openedUnixMs: number
  #settings: PinghubSettings
  readonly #counters = {
    sockets: 0,
    socketsOpened: 0,
    socketMessages: 0,
    messagesSent: 0,
    pongsMissed: 0,
    posts: 0,
    postsUnheard: 0,
  }

  constructor(context: Context) {
    const { clock, engine, log, settings } = context
    this.#context = context
    this.#settings = settings
    this.#openedUnixMs = clock.unixMs()
    this.#allowsOrigin = createOriginCheck(settings.origins, context.isDevelopment)
    this.#refusals = new Refusals(refusals, new RefusalLog(log, clock))
    this.sockets = {
      messageBytesMax: settings.messageBytesMax,
      pingMs: socketPingMs,
      behindBytesMax,
      judgesHandshakes: true,
    }
    this.#admission = new Admission(() => this.#settings.socketsMax)
    this.#clients = createClientKind({
      isNotice: this.#formats.isNotice,
      engine,
      clock,
      pings: new Cadence<ClientSession>(clock, settings.pingMs, session => session.beat()),
      deadlines: new Cadence<ClientSession>(clock, settings.pongMs, session => session.expire()),
      admission: this.#admission,
      refusals: this.#refusals,
      channels: this.#channels,
      counters: this.#counters,
      slowMs: () => this.#settings.writeMs,
      socketsPublish: () => this.#settings.socketsPublish,
    })
  }

  statistics(): Readonly<Record<string, number>> {
    const { places } = this.#admission
    return { ...this.#counters, places, ...this.#refusals.counters(), channels: this.#channels.size }
  }

  /** Sockets stay; what comes next is judged by these. */
  reload(settings: PinghubSettings): void {
    this.#settings = settings
  }

  /** For the metrics port: `counters`, or the names of the `channels` with sockets here. */
  report(topic: string): CounterReport | readonly string[] {
    if (topic === 'channels') return [...this.#channels.keys()]
    const { messagesSent, posts, postsUnheard, socketMessages, sockets } = this.#counters
    const events = {
      drops: postsUnheard,
      postmsgs: posts,
      sends: messagesSent,
      websocketmsgs: socketMessages,
    }
    return { openedUnixMs: this.#openedUnixMs, sockets, events }
  }

  handle(exchange: Exchange): void {
    const target = parseTarget(exchange.path, exchange.query)
    if (target.kind === 'malformed') return this.#refusals.refuse(exchange, 'target-malformed')
    if (target.kind === 'moved') {
      return exchange.reply({ status: 301, headers: { location: target.location } })
    }
    const isSocket = meansSocket(exchange)
    if (!isSocket && exchange.method !== 'GET' && exchange.method !== 'POST') {
      return this.#refusals.refuse(exchange, 'method-not-allowed')
    }
    if (target.kind === 'not-utf8') return this.#refusals.refuse(exchange, 'path-not-utf8')
    if (target.kind === 'bad-length') return this.#refusals.refuse(exchange, 'path-length')
    // It is text, and not too long.
    const channel = parseChannelName(target.channel)
    if (channel === undefined) return this.#refusals.refuse(exchange, 'path-reserved')
    if (isSocket) return this.#connect(exchange, channel)
    if (exchange.method === 'POST') return this.#publish(exchange, channel)
    if (!this.#settings.page) return this.#refusals.refuse(exchange, 'page-off')
    exchange.reply(pageOf(target.path))
  }

  #connect(exchange: Exchange, channel: ChannelName): void {
    const fault = faultOf(exchange, this.#allowsOrigin)
    if (fault !== undefined) return this.#refuseHandshake(exchange, fault, channel)
    if (!this.#admission.enter()) return this.#refuseHandshake(exchange, 'too-many-sockets', channel)
    this.#context.routed(exchange, channel)
    const resume = parseResume(exchange.query)
    const refuse: PendingRequest['refuse'] = (reason, _, more) =>
      this.#refuseHandshake(exchange, reason, channel, more?.returnMs)
    const { plain, counting } = this.#formats
    // Its name alone, for a socket would keep what its request consists of.
    const client = { request: { id: exchange.id }, channel, optedIn: resume !== undefined }
    new SocketSession(this.#clients, { exchange, refuse }, client.optedIn ? counting : plain, client).open({
      channels: [channel],
      since: resume?.since,
      rest: client.optedIn,
    })
  }

  #refuseHandshake(exchange: Exchange, reason: Reason, channel: string, returnMs?: number): void {
    this.#refusals.refuse(exchange, reason, { channel, headers: handshakeHeaders, returnMs })
  }

  #publish(exchange: Exchange, channel: ChannelName): void {
    const { engine, isDevelopment, routed } = this.#context
    // The original looks at no origin here. A page of another site may send a POST without asking, and only that.
    if (isDevelopment && !this.#allowsOrigin(exchange.header('origin'))) {
      return this.#refusals.refuse(exchange, 'origin-refused', { channel })
    }
    exchange.readBody(this.#settings.bodyBytesMax, body => {
      if (body === undefined) return this.#refusals.refuse(exchange, 'body-too-large', { channel })
      if (body.length === 0) return this.#acceptEmpty(exchange, channel)
      if (!isUtf8(body)) return this.#refusals.refuse(exchange, 'body-not-utf8', { channel })
      routed(exchange, channel)
      engine.publish({ channel, content: contentOf(body), via: pinghubSection.name }, outcome => {
        if (typeof outcome === 'string') return this.#refusals.refuse(exchange, outcome, { channel })
        this.#counters.posts++
        if (outcome.subscribers === 0) this.#counters.postsUnheard++
        exchange.reply(accepted)
      })
    })
  }

  /** Nothing is published; whether somebody would have heard it is asked for the sake of the meter alone. */
  #acceptEmpty(exchange: Exchange, channel: ChannelName): void {
    this.#counters.posts++
    exchange.reply(accepted)
    this.#context.engine.presence(channel, subscribers => {
      if (subscribers === 0) this.#counters.postsUnheard++
    })
  }
}
