// A client of rpushd that opts into positions: it counts, reconnects when its stream ends, and resumes after the last
// message that it has.
import { type Agent, request } from 'node:http'
import { createFrameReader } from '../../src/frontends/rpushd/codec.ts'

interface Notice {
  readonly ringcast: { readonly position: string; readonly gap: boolean }
}

export class ResumingClient {
  /** Messages in the order in which they came, over all connections. */
  readonly received: number[] = []
  /** Resumes that were answered with a gap. */
  gaps = 0
  connections = 0
  readonly #address: string
  readonly #channel: string
  readonly #token: string
  readonly #agent: Agent
  readonly #retryMs: number
  #epoch = ''
  #offset = 0
  #stopped = false
  #leave: () => void = () => {}

  constructor(address: string, channel: string, token: string, agent: Agent, retryMs = 20) {
    this.#address = address
    this.#channel = channel
    this.#token = token
    this.#agent = agent
    this.#retryMs = retryMs
    this.#connect()
  }

  stop(): void {
    this.#stopped = true
    this.#leave()
  }

  #connect(): void {
    const [host, port] = this.#address.split(':')
    const path = `/api/stream/${this.#channel}`
    const headers = { 'content-type': 'application/json' }
    const sent = request({ host, port, path, method: 'POST', headers, agent: this.#agent }, answer => {
      const reader = createFrameReader()
      if (answer.statusCode === 200) this.connections++
      answer.on('data', (bytes: Buffer) => {
        if (answer.statusCode === 200) for (const frame of reader.push(bytes)) this.#take(frame)
      })
      answer.on('error', () => {}) // the close that follows says enough
      answer.on('close', () => this.#again())
    })
    sent.on('error', () => this.#again())
    this.#leave = () => sent.destroy()
    const since = this.#epoch === '' ? '' : `${this.#epoch}.${this.#offset}`
    sent.end(JSON.stringify({ token: this.#token, since }))
  }

  #again(): void {
    this.#leave = () => {}
    if (!this.#stopped) setTimeout(() => this.#stopped || this.#connect(), this.#retryMs)
  }

  #take(frame: Uint8Array): void {
    if (frame.length === 0) return
    const text = Buffer.from(frame).toString()
    if (!text.startsWith(' ')) {
      this.received.push(Number(text))
      this.#offset++
      return
    }
    const { position, gap } = (JSON.parse(text) as Notice).ringcast
    const [epoch = '', offset] = position.split('.')
    this.#epoch = epoch
    this.#offset = Number(offset)
    if (gap) this.gaps++
  }
}
