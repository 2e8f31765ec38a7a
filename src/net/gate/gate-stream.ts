// An answer that has begun. One `write` of its own for each that comes later than the head; what the client does not take
// stays a reference to the caller's bytes.
import type { GateResponse } from './gate-exchange.ts'
import type { Client, Line } from './line.ts'
import type { AnswerPlan } from './response-head.ts'

const lineEnd = Buffer.from('\r\n')
/** Bytes that may come where no length was promised. */
const endless = Number.POSITIVE_INFINITY
const lastChunk = Buffer.from('0\r\n\r\n')

export class GateStream implements GateResponse, Client {
  readonly isChunked: boolean
  /** Undefined once it is over. */
  #line: Line | undefined
  readonly #hasBody: boolean
  readonly #closes: boolean
  /** Of the length that was promised. */
  #bytesLeft: number
  #aborted: (() => void) | undefined
  #drained: (() => void) | undefined
  #isBehind = false

  /** Without a line it goes nowhere. */
  constructor(line: Line | undefined, plan: AnswerPlan, aborted: (() => void) | undefined) {
    this.#line = line
    this.isChunked = plan.isChunked
    this.#hasBody = plan.hasBody
    this.#closes = plan.closes
    this.#bytesLeft = plan.length ?? endless
    this.#aborted = aborted
    if (line === undefined) return
    line.begin(this)
    line.outflow.write(plan.head)
  }

  get waitingBytes(): number {
    return this.#line?.outflow.waitingBytes ?? 0
  }

  onAborted(callback: () => void): void {
    if (this.#line !== undefined) this.#aborted = callback
  }

  write(bytes: Uint8Array): boolean {
    const line = this.#roomFor(bytes)
    if (line === undefined) return !this.#isBehind
    if (this.isChunked) {
      const size = Buffer.from(`${bytes.length.toString(16)}\r\n`, 'latin1')
      const parts = [size, bytes, lineEnd]
      return this.#wrote(line.outflow.writeAll(parts, size.length + bytes.length + lineEnd.length))
    }
    this.#bytesLeft -= bytes.length
    // The client would take the rest for the next answer.
    if (this.#bytesLeft < 0) this.abort()
    else return this.#wrote(line.outflow.write(bytes))
    return true
  }

  writeRaw(chunk: Uint8Array): boolean {
    if (!this.isChunked) throw new Error('this answer has no chunks')
    const line = this.#roomFor(chunk)
    return line === undefined ? !this.#isBehind : this.#wrote(line.outflow.write(chunk))
  }

  onDrained(callback: () => void): void {
    if (this.#line === undefined) return
    this.#drained = callback
    if (!this.#isBehind) queueMicrotask(() => this.#tellDrained())
  }

  end(): void {
    const line = this.#line
    if (line === undefined) return
    if (this.#bytesLeft > 0 && this.#bytesLeft !== endless) return this.abort()
    if (this.#hasBody && this.isChunked) line.outflow.write(lastChunk)
    this.#over()
    line.ended(this.#closes)
  }

  abort(): void {
    const line = this.#over()
    line?.cut(this.#hasBody && !this.isChunked && this.#bytesLeft === endless)
  }

  lost(): void {
    const aborted = this.#aborted
    const line = this.#over()
    if (aborted !== undefined) line?.guarded(aborted)
  }

  drained(): void {
    this.#isBehind = false
    this.#tellDrained()
  }

  #tellDrained(): void {
    const drained = this.#drained
    if (drained === undefined || this.#isBehind) return
    this.#drained = undefined
    this.#line?.guarded(drained)
  }

  #wrote(isTaken: boolean): boolean {
    if (!isTaken) this.#isBehind = true
    return isTaken
  }

  /** Undefined: nothing is to be written. */
  #roomFor({ length }: Uint8Array): Line | undefined {
    const line = this.#line
    if (line === undefined || length === 0 || !this.#hasBody) return undefined
    if (line.outflow.waitingBytes <= line.behindBytesMax) return line
    line.cutBehind()
    return undefined
  }

  #over(): Line | undefined {
    const line = this.#line
    this.#line = undefined
    this.#aborted = undefined
    this.#drained = undefined
    this.#isBehind = false
    return line
  }
}
