// An origin as those that publish chains are written: it keeps the numbers of what it published, holds whoever has all of them at the
// last one, and gives whoever is behind what he misses. `/stream/C/0` says no place, `/stream-since/C/N` and `/poll/C/N` do.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type Server } from 'node:http'

interface Said {
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

export class HistoryOrigin {
  readonly #server: Server
  /** By channel: the last number; the first one is 1. */
  readonly #last = new Map<string, number>()
  /** By target. */
  readonly #asked = new Map<string, number>()

  private constructor() {
    this.#server = createServer((request, response) => {
      const { headers, body } = this.#say(request)
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length, ...headers })
      response.end(body)
    })
  }

  static async open(): Promise<HistoryOrigin> {
    const origin = new HistoryOrigin()
    origin.#server.listen(0, '127.0.0.1')
    await once(origin.#server, 'listening')
    return origin
  }

  get address(): string {
    const address = this.#server.address()
    return typeof address === 'object' ? `127.0.0.1:${address?.port}` : ''
  }

  /** The item with this number, and those in front of it, are there from now on. */
  has(channel: string, number: number): void {
    this.#last.set(channel, Math.max(number, this.#last.get(channel) ?? 0))
  }

  /** How often it was. */
  askedFor(path: string): number {
    return this.#asked.get(path) ?? 0
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #say({ url = '', headers }: IncomingMessage): Said {
    this.#asked.set(url, this.askedFor(url) + 1)
    const [, kind = '', channel = '', number = '0'] = url.split('/')
    if (kind === 'stream') {
      return { headers: { 'grip-hold': 'stream', 'grip-channel': channel }, body: '[open]' }
    }
    // Whoever was held already has come further than his link says.
    const [, told = number] = /last-id=(\d+)/.exec(String(headers['grip-last'] ?? '')) ?? []
    const last = this.#last.get(channel) ?? 0
    const missed = Array.from({ length: Math.max(0, last - Number(told)) }, (_, at) => Number(told) + at + 1)
    const place = { 'grip-channel': `${channel}; prev-id=${Math.max(last, Number(told))}` }
    if (kind === 'poll') {
      if (missed.length > 0) return { headers: { 'x-from': 'history' }, body: missed.join(',') }
      return { headers: { 'grip-hold': 'response', ...place }, body: 'timeout' }
    }
    const opening = kind === 'stream-since' ? '[open]' : ''
    return {
      headers: { 'grip-hold': 'stream', ...place, 'grip-link': `</next/${channel}/${told}>; rel=next` },
      body: opening + missed.map(each => `${each},`).join(''),
    }
  }
}
