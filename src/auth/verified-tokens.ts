// Tokens that passed, with what they claim: the one that was longest not used goes first. Only whoever can sign fills
// it, yet it is bounded all the same.

/** A busy worker's clients of some minutes; with the largest tokens it is the other bound that counts. */
const countMax = 10_000
const lengthMax = 8_388_608

export class VerifiedTokens<Claims> {
  readonly #known = new Map<string, Claims>()
  #length = 0

  get size(): number {
    return this.#known.size
  }

  find(key: string): Claims | undefined {
    const claims = this.#known.get(key)
    if (claims === undefined) return undefined
    this.#known.delete(key)
    this.#known.set(key, claims)
    return claims
  }

  add(key: string, claims: Claims): void {
    if (!this.#known.has(key)) this.#length += key.length
    this.#known.set(key, claims)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= countMax && this.#length <= lengthMax) return
      this.#known.delete(oldest)
      this.#length -= oldest.length
    }
  }

  clear(): void {
    this.#known.clear()
    this.#length = 0
  }
}
