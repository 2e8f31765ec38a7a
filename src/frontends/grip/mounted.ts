// A request of the playground as the gate would bring it: its page is on the admin listener, which is no gate, and pages of
// other origins are not let in. What a client sees there is what the proxy does at its own address.
import type { Exchange } from '../../net/exchange.ts'
import type { Framing, GateBody, GateExchange, GateResponse } from '../../net/gate/gate-exchange.ts'
import type { HeldStream } from '../../net/held-stream.ts'

/** Of a body; as the control door's own. */
const bodyBytesMax = 1_000_000

/** Headers that mean something to the proxy or the control door. */
const passed = ['host', 'accept', 'authorization', 'content-type', 'content-length'] as const

export class Mounted implements GateExchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly target: string
  readonly version = '1.1'
  readonly rawHeaders: readonly string[]
  readonly host: string | undefined
  readonly remoteAddress = ''
  readonly isTls = false
  readonly wantsSocket = false
  readonly body: GateBody
  readonly #exchange: Exchange
  #aborted: () => void = () => {}

  /** `path`: behind the mount's prefix. */
  constructor(exchange: Exchange, path = exchange.path) {
    const { method, query } = exchange
    this.#exchange = exchange
    this.method = method
    this.path = path
    this.query = query ?? ''
    this.target = query === undefined ? path : `${path}?${query}`
    this.rawHeaders = passed.flatMap(name => {
      const value = exchange.header(name)
      return value === undefined ? [] : [name, value]
    })
    this.host = exchange.header('host')
    const length = Number(exchange.header('content-length') ?? 0)
    this.body = {
      length,
      read: (onChunk, onEnd) =>
        exchange.readBody(bodyBytesMax, body => {
          if (body === undefined) return this.reply(413, 'Content Too Large', [], '')
          if (body.length > 0) onChunk(Buffer.from(body))
          onEnd()
        }),
      pause() {},
      resume() {},
    }
  }

  header(name: string): string | undefined {
    const at = this.rawHeaders.indexOf(name)
    return at < 0 ? undefined : this.rawHeaders[at + 1]
  }

  onAborted(callback: () => void): void {
    this.#aborted = callback
    this.#exchange.onAborted(callback)
  }

  respond(status: number, _reason: string, rawHeaders: readonly string[], _framing: Framing): GateResponse {
    const head = { status, headers: recordOf(rawHeaders) }
    return new MountedResponse(this.#exchange, head, () => this.#aborted())
  }

  reply(status: number, _reason: string, rawHeaders: readonly string[], body: Uint8Array | string): void {
    this.#exchange.reply({ status, headers: recordOf(rawHeaders), body })
  }

  takeSocket(): undefined {
    return undefined
  }

  abort(): void {
    this.reply(502, 'Bad Gateway', [], '')
  }
}

interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** Its head leaves with the first bytes, as the library wants it. */
class MountedResponse implements GateResponse {
  readonly isChunked = false
  readonly waitingBytes = 0
  readonly #exchange: Exchange
  readonly #head: Head
  /** The client is gone, which an exchange does not tell any more once it is held. Behind an end it says nothing new. */
  readonly #closed: () => void
  #held: HeldStream | undefined
  #drained: (() => void) | undefined

  constructor(exchange: Exchange, head: Head, closed: () => void) {
    this.#exchange = exchange
    this.#head = head
    this.#closed = closed
  }

  write(bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true
    if (this.#held !== undefined) return this.#held.write(bytes)
    this.#held = this.#exchange.hold(this.#head, bytes, {
      drained: () => this.#tell(),
      closed: () => this.#closed(),
    })
    return true
  }

  writeRaw(): never {
    throw new Error('this answer has no chunks')
  }

  onDrained(callback: () => void): void {
    this.#drained = callback
  }

  end(): void {
    if (this.#held === undefined) this.#exchange.reply(this.#head)
    else this.#held.end()
  }

  abort(): void {
    if (this.#held === undefined) this.#exchange.reply({ ...this.#head, status: 502 })
    else this.#held.close()
  }

  #tell(): void {
    const drained = this.#drained
    this.#drained = undefined
    drained?.()
  }
}

/** Without what the library writes itself. */
function recordOf(rawHeaders: readonly string[]): Readonly<Record<string, string>> {
  const record: Record<string, string> = {}
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    if (!/^(?:content-length|date|transfer-encoding|connection)$/.test(name))
      record[name] = rawHeaders[at + 1] ?? ''
  }
  return record
}
