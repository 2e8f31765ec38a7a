// The body of one request while it comes in: one buffer that grows, however small the pieces are.
import type { Impatience } from './intake.ts'
import type { Reply } from './reply.ts'

/** A body of more chunks than this whose chunks are smaller than that on average was cut up to do harm. */
const chunksMax = 1_024
const chunkBytesMin = 64

/** What is wrong with a body that is not taken. */
export type BodyFault = 'too-large' | 'in-crumbs'

/** Undefined: it is over the limit. */
export type BodyTaker = (body: Uint8Array | undefined) => void

export interface BodyWishes {
  /** As `isBorrowed` below. */
  readonly borrowed?: boolean
}

export interface BodyOptions {
  readonly bytesMax: number
  /** As announced; 0 where nothing was. */
  readonly bytesToCome: number
  /** The client chose the pieces; else the network did. */
  readonly isChunked: boolean
  /** Nobody keeps a part of the body, so that one which comes in one piece need not be copied. */
  readonly isBorrowed: boolean
}

const empty = new Uint8Array(0)

/** What no front-end is asked about. */
export const bodyRefusals = {
  'in-crumbs': { status: 400, body: 'the body comes in too many pieces\n' },
  late: { status: 408, body: 'the body took too long\n' },
  'crowded-out': { status: 408, body: 'too many bodies at once, and this one is the oldest\n' },
} as const satisfies Record<Impatience | 'in-crumbs', Reply>

export class Body {
  readonly #options: BodyOptions
  #bytes: Uint8Array = empty
  #length = 0
  #pieces = 0

  constructor(options: BodyOptions) {
    this.#options = options
  }

  /** What it takes in memory. */
  get heldBytes(): number {
    return this.#bytes.length
  }

  /** The whole body with its last chunk, undefined before. The library takes a chunk back when its callback returns. */
  add(chunk: ArrayBuffer, last: boolean): Uint8Array | BodyFault | undefined {
    const { bytesMax, bytesToCome, isBorrowed, isChunked } = this.#options
    const length = this.#length + chunk.byteLength
    if (length > bytesMax || bytesToCome > bytesMax) return 'too-large'
    if (isChunked && ++this.#pieces > chunksMax && length < this.#pieces * chunkBytesMin) return 'in-crumbs'
    if (last && this.#length === 0 && isBorrowed) return Buffer.from(chunk)
    this.#append(new Uint8Array(chunk), length)
    // It holds on to no more than its length.
    return last ? (length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, length)) : undefined
  }

  #append(piece: Uint8Array, length: number): void {
    // The first piece is mostly the only one.
    if (this.#length === 0) this.#bytes = piece.length === 0 ? empty : Buffer.from(piece)
    else {
      if (length > this.#bytes.length) {
        const grown = new Uint8Array(
          Math.max(length, Math.min(this.#options.bytesMax, 2 * this.#bytes.length)),
        )
        grown.set(this.#bytes.subarray(0, this.#length))
        this.#bytes = grown
      }
      this.#bytes.set(piece, this.#length)
    }
    this.#length = length
  }
}
