// An origin as people write it for GRIP: it keeps what is published, in its order, and says in each answer how far that goes. Its
// clients are streams and long polls that say what they have, and streams that say nothing.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Door } from '../cluster/numbered-publisher.ts'
import { defaults } from '../daemon.ts'
import type { RequestParts } from '../raw-http.ts'
import type { Rolling } from '../rolling/protocol.ts'
import { ReturningRequest } from '../rolling/requests.ts'

export class KeepingOrigin {
  readonly #server: Server
  /** By channel; the item with number n stands at n - 1. */
  readonly #items = new Map<string, string[]>()
  /** Requests by kind of hold. */
  readonly asked = { stream: 0, poll: 0 }

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  static async open(): Promise<KeepingOrigin> {
    const origin = new KeepingOrigin()
    origin.#server.listen(0, '127.0.0.1')
    await once(origin.#server, 'listening')
    return origin
  }

  get address(): string {
    const address = this.#server.address()
    return typeof address === 'object' ? `127.0.0.1:${address?.port}` : ''
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** In front of each publish, as an application does; again where it is repeated. */
  keep(channel: string, number: number, content: string): void {
    const items = this.#items.get(channel) ?? []
    this.#items.set(channel, items)
    items[number - 1] = content
  }

  /** `/held/stream/CHANNEL?since=N`: everything behind N and then what comes. `/held/poll/…`: at once, or when something comes. */
  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://origin')
    const [, , kind, channel = ''] = pathname.split('/')
    const isPoll = kind === 'poll'
    this.asked[isPoll ? 'poll' : 'stream']++
    const items = this.#items.get(channel) ?? []
    const since = searchParams.get('since')
    const last = items.length
    const missed = since === null ? [] : items.slice(Number(since))
    response.setHeader('content-type', 'text/plain')
    if (!isPoll || missed.length === 0) {
      response.setHeader('grip-hold', isPoll ? 'response' : 'stream')
      // Also before the first: an item that says nothing of its order goes to everybody, again to who was just told it.
      const place = since === null ? '' : `; prev-id=${last}`
      response.setHeader('grip-channel', `${channel}${place}`)
      if (!isPoll && since !== null) response.setHeader('grip-link', `<${pathname}?since=${last}>; rel=next`)
    }
    response.end(missed.map(item => `${item}\n`).join(''))
  }
}

/** The application that has this origin. */
export function rollingWith(origin: KeepingOrigin): Rolling {
  return {
    name: 'grip',
    paths: [{ path: '/held/' }, { path: '/publish/', isExact: true, door: 'control' }],
    environment: { RINGCAST_GRIP_ROUTES_TEXT: `* ${origin.address}` },
    hasPlain: true,
    channel: index => `held-${index}`,
    client: (returning, number) =>
      number % 2 === 0 || !returning.hasPositions ? new StreamReader(returning) : new Poller(returning),
    door: site => controlDoor(site, origin),
  }
}

function controlDoor(address: string, origin: KeepingOrigin): Door {
  return {
    address,
    taken: 200,
    publication(channel, content) {
      const { n } = JSON.parse(content)
      origin.keep(channel, n, content)
      const line = `${content}\n`
      const formats = { 'http-stream': { content: line }, 'http-response': { body: line } }
      const item = { channel, id: String(n), 'prev-id': String(n - 1), formats }
      return {
        method: 'POST',
        target: '/publish/',
        headers: [
          ['content-type', 'application/json'],
          ['authorization', `Bearer ${defaults['RINGCAST_GRIP_CONTROL_SECRET']}`],
        ],
        body: JSON.stringify({ items: [item] }),
      }
    },
  }
}

abstract class LineReader extends ReturningRequest {
  protected abstract readonly kind: 'stream' | 'poll'
  #rest = ''

  protected parts(): RequestParts {
    this.#rest = ''
    const since = this.hasPositions ? `?since=${this.place?.offset ?? 0}` : ''
    return { method: 'GET', target: `/held/${this.kind}/${this.channel}${since}` }
  }

  protected begun(): void {
    this.opened()
    if (this.place === undefined) this.told({ epoch: 'ids', offset: 0 }, false)
  }

  /** Where a message stands is what it has for an id. */
  protected heard(bytes: Buffer): void {
    const lines = (this.#rest + bytes.toString()).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.took(line, { epoch: 'ids', offset: JSON.parse(line).n })
  }
}

class StreamReader extends LineReader {
  protected readonly kind = 'stream'
}

/** It is there as long as its polls are answered. */
class Poller extends LineReader {
  protected readonly kind = 'poll'

  override connect(): void {
    // An answer is all that shows that a poll is held.
    if (this.lives.length === 0) this.begun()
    super.connect()
  }

  protected override completed(): void {
    this.connect()
  }
}
