// A client of the admin listener: each request on a connection of its own, so that the workers take turns, and with
// any Host. Follows channels event by event.
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { until } from './until.ts'

export const adminSecret = 'operator-5f2c71'.repeat(2)

export interface AdminRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON unless it is text already. */
  readonly body?: unknown
  /** In place of a body that is JSON. */
  readonly bytes?: Uint8Array
}

export interface AdminAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Of a JSON answer; throws for others. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read the members that they expect.
  json(): any
}

export interface StreamedEvent {
  /** Empty for a publication. */
  readonly name: string
  readonly id: string | undefined
  readonly data: string
}

export class AdminClient {
  readonly #address: string
  readonly #left: (() => void)[] = []

  constructor(address: string) {
    this.#address = address
  }

  /** With the secret, unless the headers say something else. */
  async ask(path: string, options: AdminRequest = {}): Promise<AdminAnswer> {
    const response = await this.#send(path, options)
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString('utf8')
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text,
      json: () => JSON.parse(text),
    }
  }

  publish(body: unknown): Promise<AdminAnswer> {
    return this.ask('/v1/publications', { method: 'POST', body })
  }

  async follow(channel: string, query = '', headers: AdminRequest['headers'] = {}): Promise<EventReader> {
    const response = await this.#send(`/v1/channels/${encodeURIComponent(channel)}/stream${query}`, {
      headers,
    })
    this.#left.push(() => response.destroy())
    return new EventReader(response)
  }

  /** Ends what is followed. */
  leave(): void {
    for (const leave of this.#left) leave()
  }

  #send(path: string, { method = 'GET', headers, body, bytes }: AdminRequest): Promise<IncomingMessage> {
    const text = bytes ?? (typeof body === 'string' ? body : JSON.stringify(body))
    return new Promise((resolve, reject) => {
      const outgoing = request(`http://${this.#address}`, {
        path,
        method,
        agent: false,
        headers: {
          authorization: `Bearer ${adminSecret}`,
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
          ...headers,
        },
      })
      outgoing.on('response', resolve)
      outgoing.on('error', reject)
      outgoing.end(text)
    })
  }
}

/** Reads what one answer streams. */
class EventReader {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The far end closed the stream in good order. */
  ended = false
  #text = ''
  readonly #events: StreamedEvent[] = []

  constructor(response: IncomingMessage) {
    this.status = response.statusCode ?? 0
    this.headers = response.headers
    response.setEncoding('utf8')
    response.on('data', text => this.#push(text))
    response.on('end', () => {
      this.ended = true
    })
    response.on('error', () => {}) // we left
  }

  /** The next event. */
  async next(): Promise<StreamedEvent> {
    await until(`an event; the rest is ${JSON.stringify(this.#text)}`, () => this.#events.length > 0)
    const [event] = this.#events.splice(0, 1)
    if (event === undefined) throw new Error('an event was taken twice')
    return event
  }

  #push(text: string): void {
    const blocks = (this.#text + text).split('\n\n')
    this.#text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map<string, string>()
      for (const line of block.split('\n')) {
        const [name = '', ...rest] = line.split(': ')
        fields.set(name, rest.join(': '))
      }
      const data = fields.get('data')
      if (data !== undefined)
        this.#events.push({ name: fields.get('event') ?? '', id: fields.get('id'), data })
    }
  }
}
