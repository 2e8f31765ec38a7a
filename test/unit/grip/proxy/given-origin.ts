// An origin whose answers a test says, call by call, and requests of clients to it.
import type { Choice } from '../../../../src/frontends/grip/proxy/choice.ts'
import type { BareConnection } from '../../../../src/net/bare-connection.ts'
import type { Framing, GateBody, GateExchange, GateResponse } from '../../../../src/net/gate/gate-exchange.ts'
import type { Call, CallHandlers, CallRequest } from '../../../../src/net/outgoing/call.ts'
import type { CallFailure } from '../../../../src/net/outgoing/failures.ts'
import { ruleOf } from '../given.ts'
import { FakeResponse } from '../hold/given-hold.ts'

/** One request that an origin got. */
class OriginCall implements Call {
  readonly request: CallRequest
  readonly #handlers: CallHandlers
  /** What was done to it. */
  readonly told: string[] = []

  constructor(request: CallRequest, handlers: CallHandlers) {
    this.request = request
    this.#handlers = handlers
  }

  abort(): void {
    this.told.push('abort')
  }

  pause(): void {
    this.told.push('pause')
  }

  resume(): void {
    this.told.push('resume')
  }

  get isAborted(): boolean {
    return this.told.includes('abort')
  }

  head(status: number, ...rawHeaders: readonly string[]): void {
    this.#handlers.onHead(status, status === 200 ? 'OK' : 'Some', rawHeaders)
  }

  /** As the library: nothing comes behind an abort. */
  body(piece: string | Buffer): boolean {
    return this.isAborted || this.#handlers.onBody(Buffer.from(piece))
  }

  end(): void {
    if (!this.isAborted) this.#handlers.onEnd()
  }

  /** A whole answer. */
  answer(status: number, text: string, ...rawHeaders: readonly string[]): void {
    this.head(status, ...rawHeaders)
    if (text !== '') this.body(text)
    this.end()
  }

  fail(failure: Partial<CallFailure> = {}): void {
    const usual = { phase: 'waiting', code: 'origin-closed', message: 'it closed', isBlocked: false } as const
    this.#handlers.onFailure({ ...usual, wasReused: false, ...failure })
  }
}

export class FakeOrigin {
  readonly calls: OriginCall[] = []
  readonly dispatch = (request: CallRequest, handlers: CallHandlers): Call => {
    const call = new OriginCall(request, handlers)
    this.calls.push(call)
    return call
  }

  get last(): OriginCall {
    const call = this.calls.at(-1)
    if (call === undefined) throw new Error('nothing was asked')
    return call
  }
}

/** A client that sends what a test says. */
export class FakeBody implements GateBody {
  readonly length: number | undefined
  readonly told: string[] = []
  #onChunk: (piece: Buffer) => void = () => {}
  #onEnd: () => void = () => {}

  constructor(length: number | undefined) {
    this.length = length
  }

  read(onChunk: (piece: Buffer) => void, onEnd: () => void): void {
    this.#onChunk = onChunk
    this.#onEnd = onEnd
  }

  pause(): void {
    this.told.push('pause')
  }

  resume(): void {
    this.told.push('resume')
  }

  /** The piece is written over as soon as the callback has returned. */
  send(bytes: number): void {
    const piece = Buffer.alloc(bytes, 'x')
    this.#onChunk(piece)
    piece.fill('?')
  }

  end(): void {
    this.#onEnd()
  }
}

const noBody: GateBody = { length: 0, read() {}, pause() {}, resume() {} }

/** What its client gets is kept as lines. */
export class FakeExchange implements GateExchange {
  readonly method: string
  readonly target: string
  readonly version = '1.1'
  readonly rawHeaders: readonly string[]
  readonly host = 'h'
  readonly remoteAddress = '127.0.0.1'
  readonly isTls = false
  readonly wantsSocket: boolean = false
  readonly body: GateBody
  readonly got: string[] = []
  response = new FakeResponse()
  #aborted: () => void = () => {}

  constructor(target = '/x', { method = 'GET', rawHeaders = [], body = noBody }: Partial<GateExchange> = {}) {
    this.method = method
    this.target = target
    this.rawHeaders = ['Host', this.host, ...rawHeaders]
    this.body = body
  }

  get path(): string {
    return this.target.split('?', 1)[0] ?? ''
  }

  get query(): string {
    return this.target.split('?')[1] ?? ''
  }

  header(name: string): string | undefined {
    const at = this.rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
    return at < 0 ? undefined : this.rawHeaders[at + 1]
  }

  onAborted(callback: () => void): void {
    this.#aborted = callback
  }

  respond(status: number, _reason: string, _rawHeaders: readonly string[], framing: Framing): GateResponse {
    this.got.push(`${status} ${framing.kind}`)
    return this.response
  }

  reply(status: number, _reason: string, _rawHeaders: readonly string[], body: Uint8Array | string): void {
    this.got.push(`${status} ${Buffer.from(body)}`)
  }

  takeSocket(_reason: string, _rawHeaders: readonly string[]): BareConnection | undefined {
    return undefined
  }

  abort(): void {
    this.got.push('CUT')
  }

  /** Its client is gone. */
  leave(): void {
    this.#aborted()
  }
}

export function choiceOf(exchange: GateExchange, line = '* o:80', more: Partial<Choice> = {}): Choice {
  const { path, query, target } = exchange
  const usual = { path, query, target, uri: `http://h${target}`, isTls: false, isTrusted: false }
  return { rule: ruleOf(line), exchange, ...usual, ...more }
}
