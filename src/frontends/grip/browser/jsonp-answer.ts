// Answers inside of a call to a function of the page's (contract §12.2). A whole one is wrapped whole; of a longer one
// each piece becomes a piece of the same script.
import { StringDecoder } from 'node:string_decoder'
import type { GateExchange, GateResponse } from '../../../net/gate/gate-exchange.ts'
import type { Head } from '../proxy/answer.ts'
import { headersOf, type RawHeaders, valuesOf, without } from '../proxy/raw-headers.ts'
import { callTo, scriptString } from './callback.ts'
import { textOf } from './query.ts'

/** How a client wants its answer. */
export interface Wrapping {
  readonly callback: string
  /** An object with status, headers and body; else the body alone, which is a script itself. */
  readonly isExtended: boolean
}

export interface WholeAnswer extends Head {
  readonly body: Uint8Array
}

/** A script may be short or long, and a browser runs it when it is whole: so far an answer is collected. */
const collectedBytesMax = 100_000

const scriptType = ['Content-Type', 'application/javascript'] as const
const ok = { status: 200, reason: 'OK' } as const

const notEncodable: WholeAnswer = {
  status: 500,
  reason: 'Internal Server Error',
  rawHeaders: ['Content-Type', 'text/plain'],
  body: Buffer.from('Upstream response could not be JSON-P encoded.\n'),
}

/** A whole answer of an origin, or of ours. */
export function wrapped(wrapping: Wrapping, { body, ...head }: WholeAnswer): WholeAnswer {
  if (!isReadable(head.rawHeaders)) return notEncodable
  const rawHeaders = [...scriptType, ...kept(head.rawHeaders, lower => lower === 'cache-control')]
  const { callback, isExtended } = wrapping
  if (isExtended) {
    const script = `${startOf(wrapping, head)}${inner(decode(body))}${endOf(wrapping)}`
    return { ...ok, rawHeaders, body: Buffer.from(script) }
  }
  const value = withoutLineEnd(body)
  // A call without an argument would tell nobody that the answer was empty.
  if (value.length === 0) return notEncodable
  return { ...ok, rawHeaders, body: around(callback, value) }
}

/** What a long poll is answered with: its headers are the wrapper's, too, and the object is written otherwise. */
export function wrappedHold({ callback, isExtended }: Wrapping, answer: WholeAnswer): WholeAnswer {
  if (!isReadable(answer.rawHeaders)) return notEncodable
  const { status, reason, body } = answer
  const rawHeaders = [...without(answer.rawHeaders, lower => lower === 'content-type'), ...scriptType]
  if (!isExtended) return { ...ok, rawHeaders, body: around(callback, withoutLineEnd(body)) }
  const headers = objectOf(answer.rawHeaders, values => values.join(', '))
  const text = scriptString(decode(body))
  const object = `{"body":${text},"code":${status},"headers":${headers},"reason":${scriptString(textOf(reason))}}`
  return { ...ok, rawHeaders, body: Buffer.from(callTo(callback, object)) }
}

/** A plain answer as it comes; undefined: it cannot be wrapped, and the client was told. `bytes`: as many as it is to have. */
export function wrappedPieces(
  wrapping: Wrapping,
  exchange: GateExchange,
  head: Head,
  bytes: number | undefined,
): GateResponse | undefined {
  if (!isReadable(head.rawHeaders)) {
    answerWith(exchange, notEncodable)
    return undefined
  }
  if (bytes !== undefined && bytes <= collectedBytesMax) return new Collected(wrapping, exchange, head)
  return new Pieces(wrapping, head, exchange.respond(200, 'OK', scriptType, { kind: 'chunked' }))
}

export function answerWith(exchange: GateExchange, { status, reason, rawHeaders, body }: WholeAnswer): void {
  exchange.reply(status, reason, rawHeaders, body)
}

class Collected implements GateResponse {
  readonly isChunked = false
  readonly waitingBytes = 0
  readonly #wrapping: Wrapping
  readonly #exchange: GateExchange
  readonly #head: Head
  readonly #pieces: Uint8Array[] = []

  constructor(wrapping: Wrapping, exchange: GateExchange, head: Head) {
    this.#wrapping = wrapping
    this.#exchange = exchange
    this.#head = head
  }

  write(bytes: Uint8Array): boolean {
    this.#pieces.push(bytes)
    return true
  }

  writeRaw(): never {
    throw new Error('this answer has no chunks')
  }

  onDrained(callback: () => void): void {
    queueMicrotask(callback)
  }

  end(): void {
    answerWith(this.#exchange, wrapped(this.#wrapping, { ...this.#head, body: Buffer.concat(this.#pieces) }))
  }

  abort(): void {
    this.#exchange.abort()
  }
}

class Pieces implements GateResponse {
  readonly isChunked = false
  readonly #wrapping: Wrapping
  readonly #response: GateResponse
  /** A character may be cut by the pieces. */
  readonly #decoder = new StringDecoder('utf8')
  /** Of a body that is a script itself: its last line end is no part of it. */
  #lineEnd: Uint8Array = nothing

  constructor(wrapping: Wrapping, head: Head, response: GateResponse) {
    this.#wrapping = wrapping
    this.#response = response
    response.write(Buffer.from(startOf(wrapping, head)))
  }

  get waitingBytes(): number {
    return this.#response.waitingBytes
  }

  write(bytes: Uint8Array): boolean {
    if (this.#wrapping.isExtended) {
      return this.#response.write(Buffer.from(inner(this.#decoder.write(bytes))))
    }
    const all = this.#lineEnd.length === 0 ? bytes : Buffer.concat([this.#lineEnd, bytes])
    const value = withoutLineEnd(all)
    this.#lineEnd = all.subarray(value.length)
    return this.#response.write(value)
  }

  writeRaw(): never {
    throw new Error('this answer has no chunks of its own')
  }

  onDrained(callback: () => void): void {
    this.#response.onDrained(callback)
  }

  end(): void {
    this.#response.write(Buffer.from(inner(this.#decoder.end()) + endOf(this.#wrapping)))
    this.#response.end()
  }

  abort(): void {
    this.#response.abort()
  }
}

function startOf({ callback, isExtended }: Wrapping, { status, reason, rawHeaders }: Head): string {
  if (!isExtended) return `/**/${callback}(`
  const headers = objectOf(rawHeaders, ([first = '']) => first)
  const words = scriptString(textOf(reason))
  return `/**/${callback}({"code": ${status}, "reason": ${words}, "headers": ${headers}, "body": "`
}

function endOf({ isExtended }: Wrapping): string {
  return isExtended ? '"});\n' : ');\n'
}

/** Without its quotes. */
function inner(text: string): string {
  return scriptString(text).slice(1, -1)
}

/** Headers as an object, by their names as they were written, in the order of these. */
function objectOf(rawHeaders: RawHeaders, join: (values: readonly string[]) => string): string {
  const values = new Map<string, string[]>()
  for (const [, name, value] of headersOf(rawHeaders)) {
    const of = values.get(name)
    if (of === undefined) values.set(name, [value])
    else of.push(value)
  }
  const entries = [...values].sort(([one], [other]) => (one < other ? -1 : 1))
  const members = entries.map(
    ([name, all]) => `${scriptString(textOf(name))}:${scriptString(textOf(join(all)))}`,
  )
  return `{${members.join(',')}}`
}

/** What is not text cannot stand in a script, and nobody asked for this. */
function isReadable(rawHeaders: RawHeaders): boolean {
  return valuesOf(rawHeaders, 'content-encoding').every(value => /^(?:identity)?$/i.test(value))
}

function kept(rawHeaders: RawHeaders, isKept: (lower: string) => boolean): readonly string[] {
  return without(rawHeaders, lower => !isKept(lower))
}

function withoutLineEnd(body: Uint8Array): Uint8Array {
  if (body.at(-1) !== 0x0a) return body
  return body.subarray(0, body.at(-2) === 0x0d ? -2 : -1)
}

function around(callback: string, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`/**/${callback}(`), value, Buffer.from(');\n')])
}

function decode(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8')
}

const nothing = new Uint8Array(0)
