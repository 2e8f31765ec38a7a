// What leaves by one connection. What the socket does not take stays where it is, a reference to bytes that many clients may
// share, and is given to it piece by piece, so that whoever waits sees progress.
import type { Socket } from 'node:net'
import { pieceBytes } from './limits.ts'

/** Several parts up to so many bytes are copied into one: cheaper than a vector of them. */
const joinBytesMax = 16_384

export class Outflow {
  readonly #socket: Socket
  /** Not given to the socket yet; undefined: nothing. */
  #rest: Uint8Array[] | undefined
  #restBytes = 0
  #isHeld = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get waitingBytes(): number {
    return this.#restBytes + this.#socket.writableLength
  }

  /** Everything was given to the socket. */
  get isGiven(): boolean {
    return this.#rest === undefined
  }

  get isBehind(): boolean {
    return this.waitingBytes >= pieceBytes
  }

  /** Collects what is written until `flush`, so that it leaves in one write. */
  hold(): void {
    this.#isHeld = true
  }

  /** Takes bytes that must not change from now on. False: the client is behind. */
  write(bytes: Uint8Array): boolean {
    if (!this.#isHeld && this.#rest === undefined && bytes.length <= pieceBytes) this.#socket.write(bytes)
    else {
      this.#rest ??= []
      this.#rest.push(bytes)
      this.#restBytes += bytes.length
      if (!this.#isHeld) this.#give()
    }
    return !this.isBehind
  }

  /** Parts that belong together. */
  writeAll(parts: readonly Uint8Array[], bytes: number): boolean {
    if (bytes <= joinBytesMax) return this.write(Buffer.concat(parts, bytes))
    const wasHeld = this.#isHeld
    this.#isHeld = true
    for (const part of parts) this.write(part)
    if (!wasHeld) this.flush()
    return !this.isBehind
  }

  /** Gives the socket what it has room for. Where something stays here, the socket emits `drain` later. */
  flush(): void {
    this.#isHeld = false
    this.#give()
  }

  /** Gives the socket everything: somebody else writes from now on. */
  flushAll(): void {
    this.#isHeld = false
    for (const part of this.#rest ?? []) this.#socket.write(part)
    this.#rest = undefined
    this.#restBytes = 0
  }

  #give(): void {
    while (this.#rest !== undefined && this.#socket.writableLength < pieceBytes) {
      const parts = this.#next(this.#rest)
      const bytes = parts.reduce((sum, { length }) => sum + length, 0)
      this.#restBytes -= bytes
      if (this.#rest.length === 0) this.#rest = undefined
      const [only] = parts
      if (parts.length === 1 && only !== undefined) this.#socket.write(only)
      else if (bytes <= joinBytesMax) this.#socket.write(Buffer.concat(parts, bytes))
      else this.#writeVector(parts)
    }
  }

  /** Takes up to one piece off the front. */
  #next(rest: Uint8Array[]): Uint8Array[] {
    let room = pieceBytes
    let whole = 0
    for (; whole < rest.length; whole++) {
      const { length } = rest[whole] ?? { length: 0 }
      if (length > room) break
      room -= length
    }
    const parts = rest.splice(0, whole)
    const [large] = rest
    if (large === undefined || room === 0) return parts
    rest[0] = large.subarray(room)
    return [...parts, large.subarray(0, room)]
  }

  #writeVector(parts: readonly Uint8Array[]): void {
    this.#socket.cork()
    for (const part of parts) this.#socket.write(part)
    this.#socket.uncork()
  }
}
