// Which nodes live, as their signs of life in Redis say. While Redis cannot be read nobody dies of it.
import { aliveMs } from './pulse.ts'

/** Signs are read every few pings, and a node that writes one late is no dead node. */
const graceMs = aliveMs + 5_000

/** Nodes that somebody spoke of and that were not listed yet: of those that start at a time. */
const unlistedMax = 1_000

export class Nodes {
  /** An answer is not later than that. */
  readonly #lateMs: number
  readonly #seenMs = new Map<string, number>()
  /** What they say of themselves; those that say nothing are not in it. */
  readonly about = new Map<string, string>()
  /** Since when somebody speaks of them. */
  readonly #unlistedMs = new Map<string, number>()
  #readMs = Number.NEGATIVE_INFINITY

  constructor(lateMs: number) {
    this.#lateMs = lateMs
  }

  /** What a server listed; an empty list is none. Those that were not seen for long are forgotten. */
  note(nodes: readonly string[], nowMs: number, about: ReadonlyMap<string, string> = new Map()): void {
    if (nodes.length === 0) return
    this.#readMs = nowMs
    for (const node of nodes) {
      this.#seenMs.set(node, nowMs)
      this.#unlistedMs.delete(node)
      const text = about.get(node)
      if (text !== undefined) this.about.set(node, text)
    }
    for (const [node, seenMs] of this.#seenMs) {
      if (nowMs - seenMs <= graceMs) continue
      this.#seenMs.delete(node)
      this.about.delete(node)
    }
  }

  /**
   * A node gives its sign before it counts. So one that is spoken of and not listed is new, until a list was read that was
   * made since then, and gone if that does not have it.
   */
  stateOf(node: string, nowMs: number): 'alive' | 'new' | 'gone' {
    const seenMs = this.#seenMs.get(node)
    if (seenMs !== undefined && this.#readMs - seenMs <= graceMs) return 'alive'
    const sinceMs = this.#unlistedMs.get(node)
    if (sinceMs !== undefined) return this.#readMs - sinceMs > this.#lateMs ? 'gone' : 'new'
    if (this.#unlistedMs.size >= unlistedMax) this.#unlistedMs.clear()
    this.#unlistedMs.set(node, nowMs)
    return 'new'
  }

  get count(): number {
    return this.#seenMs.size
  }
}
