// Which nodes live, as their signs of life in Redis say. While Redis cannot be read nobody dies of it.
import { aliveMs } from './pulse.ts'

/** Signs are read every few pings, and a node that writes one late is no dead node. */
const graceMs = aliveMs + 5_000

export class Nodes {
  readonly #seenMs = new Map<string, number>()
  #readMs = 0

  /** What a server listed. Those that were not seen for long are forgotten. */
  note(nodes: readonly string[], nowMs: number): void {
    this.#readMs = nowMs
    for (const node of nodes) this.#seenMs.set(node, nowMs)
    for (const [node, seenMs] of this.#seenMs) if (nowMs - seenMs > graceMs) this.#seenMs.delete(node)
  }

  /** It was listed, as of the last time that anything was. */
  lives(node: string): boolean {
    const seenMs = this.#seenMs.get(node)
    return seenMs !== undefined && this.#readMs - seenMs <= graceMs
  }

  get count(): number {
    return this.#seenMs.size
  }
}
