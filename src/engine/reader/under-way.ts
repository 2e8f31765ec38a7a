// Bytes that connections hold of what they were sent last and did not take: the worker's bound counts them, beside the
// windows. What is copied counts for each connection, what is only kept counts once for all that keep it.
import type { Wire } from './wire.ts'

export class UnderWay {
  /** Holders of each piece of memory that is kept. */
  readonly #kept = new Map<ArrayBufferLike, number>()
  readonly #wires = new Set<Wire>()
  bytes = 0

  /** The same wire may be told of several times: it may have several subscriptions. */
  add(wire: Wire): void {
    const { underWay, copies } = wire
    if (underWay === undefined || this.#wires.has(wire)) return
    this.#wires.add(wire)
    const { buffer } = underWay
    const isKept = !copies && buffer !== undefined
    const holders = isKept ? (this.#kept.get(buffer) ?? 0) : 0
    if (isKept) this.#kept.set(buffer, holders + 1)
    if (holders === 0) this.bytes += underWay.length
  }

  /** Returns the bytes that are free once that connection is gone. */
  remove(wire: Wire): number {
    const { underWay, copies } = wire
    if (underWay === undefined || !this.#wires.delete(wire)) return 0
    const { buffer } = underWay
    const isKept = !copies && buffer !== undefined
    const holders = isKept ? (this.#kept.get(buffer) ?? 1) - 1 : 0
    if (isKept) this.#kept.set(buffer, holders)
    if (holders > 0) return 0
    this.bytes -= underWay.length
    return underWay.length
  }
}
