// Bytes that come in pieces, in one buffer that grows, however small the pieces are.

const empty = new Uint8Array(0)

export class GatheredBytes {
  readonly #bytesMax: number
  #bytes: Uint8Array = empty
  #length = 0

  /** It never grows beyond `bytesMax`, unless a piece makes it. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get length(): number {
    return this.#length
  }

  /** What it takes in memory. */
  get heldBytes(): number {
    return this.#bytes.length
  }

  /** A view. It stays as it is whatever is added. */
  get bytes(): Uint8Array {
    return this.#bytes.length === this.#length ? this.#bytes : this.#bytes.subarray(0, this.#length)
  }

  /** Copies: the piece may change afterwards. */
  add(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#bytes.length) this.#grow(length)
    this.#bytes.set(piece, this.#length)
    this.#length = length
  }

  /** The first piece is mostly the only one, and gets what it needs. */
  #grow(length: number): void {
    const doubled = this.#length === 0 ? 0 : Math.min(this.#bytesMax, 2 * this.#bytes.length)
    // Outside of the pool: a short one would keep 8 KiB of it.
    const grown = Buffer.allocUnsafeSlow(Math.max(length, doubled))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
