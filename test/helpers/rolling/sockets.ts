// A plain WebSocket of the package that everybody has, as a client that comes back uses it.
import { createRequire } from 'node:module'
import { ReturningClient } from './returning-client.ts'

/** The part of the ws package that is used here; it comes without types. */
interface WsSocket {
  on(event: 'open' | 'error', listener: () => void): void
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): void
  on(event: 'close', listener: (code: number, reason: Buffer) => void): void
  on(event: 'unexpected-response', listener: (request: Leaving, answer: Refusal) => void): void
  send(text: string): void
  terminate(): void
}
interface Leaving {
  destroy(): void
}
interface Refusal {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | undefined>>
}
const ws = createRequire(import.meta.url)('ws') as { WebSocket: new (url: string) => WsSocket } // see above

export abstract class ReturningSocket extends ReturningClient {
  #socket: WsSocket | undefined

  protected abstract target(): string
  protected abstract begun(): void
  protected abstract heard(data: Buffer, isBinary: boolean): void

  connect(): void {
    const socket = new ws.WebSocket(`ws://${this.site}${this.target()}`)
    this.#socket = socket
    let refusedMs: number | undefined
    socket.on('open', () => this.begun())
    socket.on('message', (data, isBinary) => this.heard(data, isBinary))
    socket.on('unexpected-response', (request, { statusCode, headers }) => {
      this.words.push(String(statusCode))
      refusedMs = Number(headers['retry-after'] ?? 0) * 1_000 || undefined
      request.destroy()
      // The package closes nothing that was never open.
      this.ended(refusedMs)
      this.#socket = undefined
    })
    socket.on('error', () => {}) // the close that follows says enough
    socket.on('close', (code, reason) => {
      if (this.#socket !== socket) return
      if (this.isOpen) this.words.push(`${code} ${reason}`.replace(/\d+$/, 'MS'))
      const [, ms] = /^retry=(\d+)$/.exec(reason.toString()) ?? []
      this.ended(ms === undefined ? undefined : Number(ms))
    })
  }

  protected say(message: object): void {
    this.#socket?.send(JSON.stringify(message))
  }

  protected leave(): void {
    this.#socket?.terminate()
  }
}
