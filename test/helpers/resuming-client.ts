// A client that opts into positions: it counts, reconnects when its stream ends, and resumes after the last message that
// it has.
import type { Agent } from 'node:http'
import { advance, type Told } from './protocols/protocol.ts'
import { numberIn, requestBy, type Streaming } from './protocols/streaming.ts'

export class ResumingClient {
  /** Messages in the order in which they came, over all connections. */
  readonly received: number[] = []
  /** Resumes that were answered with a gap. */
  gaps = 0
  /** Streams that were told where they begin. */
  connections = 0
  readonly #address: string
  readonly #channel: string
  readonly #protocol: Streaming
  readonly #agent: Agent
  readonly #retryMs: number
  #position = ''
  #stopped = false
  #leave: () => void = () => {}

  constructor(address: string, channel: string, protocol: Streaming, agent: Agent, retryMs = 20) {
    this.#address = address
    this.#channel = channel
    this.#protocol = protocol
    this.#agent = agent
    this.#retryMs = retryMs
    this.#connect()
  }

  stop(): void {
    this.#stopped = true
    this.#leave()
  }

  #connect(): void {
    const parts = this.#protocol.subscription(this.#channel, this.#position)
    const sent = requestBy(this.#address, parts, { agent: this.#agent })
    sent.on('response', answer => {
      const decode = this.#protocol.decoder()
      let [isOpen, retryMs] = [false, 0]
      answer.on('data', (bytes: Buffer) => {
        if (answer.statusCode !== 200) return
        for (const told of decode(bytes)) {
          if (told.kind === 'position' && !isOpen) this.connections++
          isOpen ||= told.kind === 'position'
          if (told.kind === 'retry') retryMs = told.ms
          else this.#take(told)
        }
      })
      answer.on('error', () => {}) // the close that follows says enough
      answer.on('close', () => this.#again(retryMs))
    })
    sent.on('error', () => this.#again(0))
    this.#leave = () => sent.destroy()
    sent.end(parts.body)
  }

  /** `ms`: what it was told to wait at least. */
  #again(ms: number): void {
    this.#leave = () => {}
    if (!this.#stopped) setTimeout(() => this.#stopped || this.#connect(), Math.max(ms, this.#retryMs))
  }

  #take(told: Exclude<Told, { readonly kind: 'retry' }>): void {
    if (told.kind === 'message') {
      this.received.push(numberIn(told.text))
      this.#position = advance(this.#position, 1)
      return
    }
    this.#position = told.position
    if (told.gap) this.gaps++
  }
}
