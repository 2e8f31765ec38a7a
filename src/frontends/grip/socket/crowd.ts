// What the sockets of a worker hold together: messages that are not complete or wait for an origin, and answers that wait for a
// client. It has a bound, and beyond that whoever has held something for the longest is let go: a client of a quick
// origin holds nothing for long.

export interface CrowdMember {
  /** It has left already, and frees what it holds. */
  crowdedOut(): void
}

export class Crowd {
  readonly #bytesMax: () => number
  /** In the order in which they began to hold something. */
  readonly #members = new Map<CrowdMember, number>()
  #bytes = 0
  crowdedOut = 0

  constructor(bytesMax: () => number) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  /** What it holds now. That may let go of others, or of itself. */
  hold(member: CrowdMember, bytes: number): void {
    const before = this.#members.get(member) ?? 0
    if (bytes === before) return
    this.#bytes += bytes - before
    if (bytes === 0) this.#members.delete(member)
    else this.#members.set(member, bytes)
    while (this.#bytes > this.#bytesMax()) {
      const [oldest] = this.#members.keys()
      if (oldest === undefined) return
      this.crowdedOut++
      this.hold(oldest, 0)
      oldest.crowdedOut()
    }
  }
}
