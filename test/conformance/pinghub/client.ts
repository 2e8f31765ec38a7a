// Answers of HTTP read from a raw connection, one after the other.
import type { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

export interface Head {
  readonly status: number
  /** Names in lower case; the last of equal ones. */
  readonly headers: Readonly<Record<string, string>>
}

export interface Answered extends Head {
  /** In UTF-8. */
  readonly body: string
  readonly closes: boolean
}

export class HttpClient {
  readonly raw: RawClient
  #read = 0

  constructor(raw: RawClient) {
    this.raw = raw
  }

  async head(): Promise<Head> {
    const end = await until('the head of an answer', () => {
      const at = this.raw.bytes.indexOf('\r\n\r\n', this.#read)
      if (at < 0 && this.raw.closed) throw new Error(`closed without an answer: ${this.raw.text}`)
      return at < 0 ? undefined : at
    })
    const [line = '', ...fields] = this.raw.bytes.toString('latin1', this.#read, end).split('\r\n')
    this.#read = end + 4
    const headers = fields.map(field => {
      const [name = '', ...value] = field.split(':')
      return [name.toLowerCase(), value.join(':').trim()]
    })
    return { status: Number(line.split(' ')[1]), headers: Object.fromEntries(headers) }
  }

  async answer(method: string): Promise<Answered> {
    let head = await this.head()
    while (head.status === 100) head = await this.head()
    const length = method === 'HEAD' ? 0 : Number(head.headers['content-length'] ?? 0)
    const start = this.#read
    await until('the body', () => this.raw.size >= start + length)
    this.#read += length
    const body = this.raw.bytes.toString('utf8', start, start + length)
    return { ...head, body, closes: head.headers['connection'] === 'close' }
  }

  leave(): void {
    this.raw.leave()
  }
}

/** `host:port` taken apart. */
export function placeOf(address: string): { readonly host: string; readonly port: number } {
  const [host = '', port = ''] = address.split(':')
  return { host, port: Number(port) }
}
