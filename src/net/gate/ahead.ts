// What came by a connection and was not handled yet: one buffer at most, behind which reading stops.
import type { Socket } from 'node:net'
import { aheadBytesMax } from './limits.ts'
import { type HeadLimits, readRequestHead } from './request-head.ts'

const nothing = Buffer.alloc(0)

export class Ahead {
  #bytes: Buffer = nothing
  /** So much of it was looked at in vain. */
  #scanned = 0
  #isReading = true

  get bytes(): Buffer {
    return this.#bytes
  }

  get isReading(): boolean {
    return this.#isReading
  }

  add(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
  }

  consume(bytes: number): void {
    const left = this.#bytes.length - bytes
    if (left === 0) this.#bytes = nothing
    // A small rest would keep all of what it came with.
    else if (left < bytes) this.#bytes = Buffer.from(this.#bytes.subarray(bytes))
    else this.#bytes = this.#bytes.subarray(bytes)
  }

  drop(): void {
    this.#bytes = nothing
  }

  /** The head in front, which is consumed. */
  takeHead(limits: HeadLimits): ReturnType<typeof readRequestHead> {
    const found = readRequestHead(this.#bytes, limits, this.#scanned)
    this.#scanned = found.kind === 'more' ? this.#bytes.length : 0
    if (found.kind === 'head') this.consume(found.bytes)
    return found
  }

  /** Reads on or not, by what waits. */
  pace(socket: Socket): void {
    const mayRead = this.#bytes.length < aheadBytesMax
    if (mayRead === this.#isReading) return
    this.#isReading = mayRead
    if (mayRead) socket.resume()
    else socket.pause()
  }
}
