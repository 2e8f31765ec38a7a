// A request that says something else than its client's own one did, and is answered to that client.

import type { BareConnection } from '../../../net/bare-connection.ts'
import type { Framing, GateBody, GateExchange, GateResponse } from '../../../net/gate/gate-exchange.ts'
import { isNamed } from '../proxy/raw-headers.ts'

export interface Instead {
  readonly method: string
  readonly target: string
  readonly query: string
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
}

export class Rewritten implements GateExchange {
  readonly method: string
  readonly target: string
  readonly path: string
  readonly query: string
  readonly version: '1.0' | '1.1'
  readonly rawHeaders: readonly string[]
  readonly host: string | undefined
  readonly isTls: boolean
  readonly wantsSocket = false
  readonly body: GateBody
  readonly #exchange: GateExchange
  /** The client is gone, or answered: nobody reads on. */
  #isOver = false

  constructor(exchange: GateExchange, { method, target, query, rawHeaders, body }: Instead) {
    this.#exchange = exchange
    this.method = method
    this.target = target
    this.query = query
    this.rawHeaders = rawHeaders
    this.path = exchange.path
    this.version = exchange.version
    this.host = exchange.host
    this.isTls = exchange.isTls
    this.body = {
      length: body.length,
      read: (onChunk, onEnd) =>
        queueMicrotask(() => {
          if (!this.#isOver && body.length > 0) onChunk(Buffer.from(body))
          if (!this.#isOver) onEnd()
        }),
      // It is at hand whole, in one piece.
      pause() {},
      resume() {},
    }
  }

  get remoteAddress(): string {
    return this.#exchange.remoteAddress
  }

  header(name: string): string | undefined {
    const at = this.rawHeaders.findIndex((one, index) => index % 2 === 0 && isNamed(one, name))
    return at < 0 ? undefined : this.rawHeaders[at + 1]
  }

  onAborted(callback: () => void): void {
    this.#exchange.onAborted(() => {
      this.#isOver = true
      callback()
    })
  }

  respond(status: number, reason: string, rawHeaders: readonly string[], framing: Framing): GateResponse {
    this.#isOver = true
    return this.#exchange.respond(status, reason, rawHeaders, framing)
  }

  reply(status: number, reason: string, rawHeaders: readonly string[], body: Uint8Array | string): void {
    this.#isOver = true
    this.#exchange.reply(status, reason, rawHeaders, body)
  }

  takeSocket(): BareConnection | undefined {
    return undefined
  }

  abort(): void {
    this.#isOver = true
    this.#exchange.abort()
  }
}
