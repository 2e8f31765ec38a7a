// How rows of ZeroMQ are played: a publisher that pushes, one that publishes and is told of subscriptions, whoever commands, clients,
// and an origin of WebSockets over HTTP.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { Push, Request, XPublisher } from 'zeromq'
import { formatTnetstring, parseTnetstring, type Tnet } from '../../../src/frontends/grip/zmq/tnetstring.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import type { RawOrigin } from '../../helpers/raw-origin.ts'
import { handshake } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'
import { Body } from './body.ts'
import { addressOf, type GripServer } from './server.ts'
import { nothing, openingGrip, subscribe } from './socket-words.ts'
import { type StatisticsReader, texts } from './zmq-statistics.ts'
import type { ZmqFields, ZmqStep } from './zmq-words.ts'

/** Where the sockets are, as the original calls them. */
export interface ZmqSpecs {
  readonly command: string
  readonly 'publish-pull': string
  readonly 'publish-sub': string
}

export interface ZmqStage {
  readonly server: GripServer
  readonly specs: ZmqSpecs
  readonly origin: RawOrigin
  readonly statistics: StatisticsReader
}

/** The built-in target for streams and long polls, and two rules for WebSockets: one of them is a row's alone. */
export const routesTo = (origin: string): string =>
  ['* test', ...['over', 'over/report'].map(id => `*,path_beg=/${id},id=${id} ${origin},over_http`)].join(
    '\n',
  )

/** To come, or to find who listens: what hangs ends there. */
const waitMs = 20_000

type Own<Of extends ZmqStep['do']> = ZmqStep & { readonly do: Of }

/** Sockets come with the first step that wants them. */
export class Scene {
  readonly #stage: ZmqStage
  readonly #clients = new Map<string, RawClient>()
  #body: Body | undefined
  #push: Push | undefined
  #publisher: XPublisher | undefined
  #request: Request | undefined
  /** Statistics from there on are not looked at yet. */
  #from: number
  /** What `ID` stands for. */
  #id: string | undefined

  constructor(stage: ZmqStage) {
    this.#stage = stage
    this.#from = stage.statistics.end
  }

  close(): void {
    for (const client of this.#clients.values()) client.leave()
    for (const socket of [this.#push, this.#publisher, this.#request]) socket?.close()
  }

  async step(step: ZmqStep): Promise<void> {
    const { specs } = this.#stage
    switch (step.do) {
      case 'hold':
        return await this.#hold(step)
      case 'poll':
        return void this.#client(step.as, `GET /response?channel=${step.channel} HTTP/1.1\r\nHost: t\r\n\r\n`)
      case 'socket':
        return await this.#socket(step)
      case 'leave':
        return this.#clients.get(step.as)?.leave()
      case 'read':
        return equal(await this.#body?.take(step.text.length), step.text)
      case 'asked':
        return await this.#asked(step)
      case 'push':
        this.#push ??= connected(new Push({ linger: 0, sendTimeout: waitMs }), specs['publish-pull'])
        return await this.#push.send(Buffer.from(step.message, 'latin1'))
      case 'publish':
        return await this.#publisher?.send(step.frames.map(frame => Buffer.from(frame, 'latin1')))
      case 'told':
        return await this.#told(step.subscription)
      case 'command':
        return await this.#command(step)
      case 'statistic':
        return await this.#statistic(step)
      case 'sum':
        return await this.#sum(step)
      default:
        step satisfies never
    }
  }

  #client(as: string, request: string): RawClient {
    const client = new RawClient(addressOf(this.#stage.server.client)).send(request)
    this.#clients.set(as, client)
    return client
  }

  async #hold({ channel, as }: Own<'hold'>): Promise<void> {
    const client = this.#client(as, `GET /stream?channel=${channel} HTTP/1.1\r\nHost: t\r\n\r\n`)
    const head = await client.head()
    equal(head.status, 200)
    this.#body = new Body(client, head)
    equal(await this.#body.take('[stream opened]\n'.length), '[stream opened]\n')
  }

  async #socket({ channel, as }: Own<'socket'>): Promise<void> {
    const { origin } = this.#stage
    const path = pathOf(channel)
    origin.script({ path, answers: [openingGrip(subscribe(channel)), nothing] })
    equal((await this.#client(as, handshake(path)).head()).status, 101)
    const headers = origin.received(path)[0]?.headers ?? []
    this.#id = headers.find(([name]) => name.toLowerCase() === 'connection-id')?.[1]
    ok(this.#id)
  }

  async #asked({ channel, bodies }: Own<'asked'>): Promise<void> {
    const { origin } = this.#stage
    const path = pathOf(channel)
    await until(`${bodies.length} requests`, () => origin.received(path).length >= bodies.length, waitMs)
    deepEqual(
      origin.received(path).map(({ body }) => String(body)),
      bodies,
    )
  }

  /** Rows before may have left some that still linger: those are passed over. */
  async #told(wanted: string): Promise<void> {
    this.#publisher ??= connected(
      new XPublisher({ linger: 0, receiveTimeout: waitMs, sendTimeout: waitMs }),
      this.#stage.specs['publish-sub'],
    )
    for (;;) {
      const [message = Buffer.alloc(0)] = await this.#publisher.receive()
      const told = `${message[0] === 1 ? '+' : '-'}${message.subarray(1)}`
      if (told.slice(1) !== wanted.slice(1)) continue
      return equal(told, wanted)
    }
  }

  async #command({ request, answer }: Own<'command'>): Promise<void> {
    this.#request ??= connected(
      new Request({ linger: 0, receiveTimeout: waitMs, sendTimeout: waitMs }),
      this.#stage.specs.command,
    )
    const id = 'seven'
    const own = this.#named(request) as Record<string, Tnet> // rows have nothing else
    await this.#request.send(formatTnetstring({ id, ...own }))
    const [message = Buffer.alloc(0)] = await this.#request.receive()
    const parsed = parseTnetstring(message)
    ok(parsed, String(message))
    const value = answer['value'] === 'URIS' ? { ...this.#stage.specs } : answer['value']
    const wanted = { id, ...answer, ...(value !== undefined && { value }) }
    deepEqual(texts(parsed.value), this.#named(wanted))
  }

  async #statistic({ type, fields }: Own<'statistic'>): Promise<void> {
    const { statistics } = this.#stage
    const isIt = (told: ZmqFields) => {
      if (this.#id !== undefined || fields['id'] !== 'ID') return isDeepStrictEqual(told, this.#named(fields))
      return typeof told['id'] === 'string' && isDeepStrictEqual({ ...told, id: 'ID' }, fields)
    }
    const told = await statistics.find(this.#from, type, isIt, this.#named(fields))
    if (fields['id'] === 'ID') this.#id = String(told['id'])
  }

  async #sum({ type, least }: Own<'sum'>): Promise<void> {
    const isEnough = (value: unknown, wanted: unknown) =>
      typeof wanted === 'number' ? Number(value) >= wanted : value === wanted
    const isIt = (told: ZmqFields) =>
      Object.entries(least).every(([name, wanted]) => isEnough(told[name], wanted))
    await this.#stage.statistics.find(this.#from, type, isIt, least)
  }

  #named(fields: ZmqFields): ZmqFields {
    return JSON.parse(JSON.stringify(fields), (_name, value) => (value === 'ID' ? this.#id : value))
  }
}

const pathOf = (channel: string): string => `/over/${channel}`

function connected<Socket extends { connect(address: string): void }>(socket: Socket, spec: string): Socket {
  socket.connect(spec)
  return socket
}
