// One request that is being served, until its answer begins.
import type { BareConnection } from '../bare-connection.ts'
import { mistakeOf } from '../handshake.ts'
import { InBody } from './gate-body.ts'
import type { Framing, GateExchange, GateResponse } from './gate-exchange.ts'
import { GateStream } from './gate-stream.ts'
import type { Client, Line } from './line.ts'
import type { RequestHead } from './request-head.ts'
import { planAnswer, switchHead } from './response-head.ts'

const noHandshake =
  'Request contained an Upgrade header with value "websocket" but the request was not a valid WebSocket request.\n'

export class Served implements GateExchange, Client {
  readonly body: InBody
  readonly #head: RequestHead
  readonly #from: Line
  /** Undefined once it is answered or lost. */
  #line: Line | undefined
  #stream: GateStream | undefined
  #aborted: (() => void) | undefined

  constructor(line: Line, head: RequestHead) {
    this.#from = line
    this.#line = line
    this.#head = head
    this.body = new InBody(line, head)
  }

  get method(): string {
    return this.#head.method
  }

  get target(): string {
    return this.#head.target
  }

  get path(): string {
    return this.#head.path
  }

  get query(): string {
    return this.#head.query
  }

  get version(): '1.0' | '1.1' {
    return this.#head.version
  }

  get rawHeaders(): readonly string[] {
    return this.#head.rawHeaders
  }

  get host(): string | undefined {
    return this.#head.host
  }

  get remoteAddress(): string {
    return this.#from.remoteAddress
  }

  get isTls(): boolean {
    return this.#from.isTls
  }

  /** In 1.0 nothing can become something else (RFC 9110 section 7.8). */
  get wantsSocket(): boolean {
    return this.#head.wantsSocket && this.#head.version === '1.1'
  }

  /** Neither answered nor lost. */
  get isPending(): boolean {
    return this.#line !== undefined
  }

  header(name: string): string | undefined {
    const { rawHeaders } = this.#head
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const each = rawHeaders[at]
      if (each?.length === name.length && each.toLowerCase() === name) return rawHeaders[at + 1]
    }
    return undefined
  }

  onAborted(callback: () => void): void {
    if (this.#line !== undefined) this.#aborted = callback
    else this.#stream?.onAborted(callback)
  }

  respond(status: number, reason: string, rawHeaders: readonly string[], framing: Framing): GateResponse {
    const line = this.#line
    const mayStay = line?.mayStay() === true && this.#head.keepsAlive && !this.wantsSocket
    const plan = planAnswer(this.#head, mayStay, status, reason, rawHeaders, framing)
    const aborted = this.#over()
    const stream = new GateStream(line, plan, aborted)
    if (line !== undefined) this.#stream = stream
    return stream
  }

  reply(status: number, reason: string, rawHeaders: readonly string[], body: Uint8Array | string): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const response = this.respond(status, reason, rawHeaders, { kind: 'length', bytes: bytes.length })
    response.write(bytes)
    response.end()
  }

  takeSocket(reason: string, rawHeaders: readonly string[]): BareConnection | undefined {
    const line = this.#line
    if (line === undefined) return undefined
    this.#over()
    line.outflow.write(switchHead(reason, rawHeaders))
    return line.handOver()
  }

  abort(): void {
    if (this.#line === undefined) return this.#stream?.abort()
    const line = this.#line
    this.#over()
    line.cut(false)
  }

  lost(): void {
    const line = this.#line
    const aborted = this.#over()
    this.body.drop()
    if (aborted !== undefined) line?.guarded(aborted)
  }

  drained(): void {
    // Nothing of ours waits.
  }

  /** Answers an upgrade that is none (contract §4.1); false: there is nothing wrong with it. */
  refusesHandshake(): boolean {
    if (!this.wantsSocket || (this.method === 'GET' && mistakeOf(this.#asAsked()) === undefined)) return false
    const fields = ['Content-Type', 'text/plain']
    const plan = planAnswer(this.#head, false, 400, 'Bad Request', fields, {
      kind: 'length',
      bytes: noHandshake.length,
    })
    const stream = new GateStream(this.#line, plan, undefined)
    this.#over()
    stream.write(Buffer.from(noHandshake))
    stream.end()
    return true
  }

  /** Lists may come in several lines (RFC 9110 section 5.3). */
  #asAsked(): Pick<GateExchange, 'method' | 'header'> {
    const { rawHeaders } = this.#head
    const lists = rawHeaders.filter(
      (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'connection',
    )
    const header = (name: string) => (name === 'connection' ? lists.join(',') : this.header(name))
    return { method: this.method, header }
  }

  /** What it waited with, for whoever goes on. */
  #over(): (() => void) | undefined {
    const aborted = this.#aborted
    this.#line = undefined
    this.#aborted = undefined
    return aborted
  }
}
