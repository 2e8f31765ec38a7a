// The ways to targets that are connected to again and again, each once: that of a target with TLS knows the session of its last
// handshake, with which the next one is shorter. What another one knows is nothing, so that it is made anew.
import type { Connector } from './connect.ts'
import { keyOf, type OriginTarget } from './target.ts'

/**
 * Names that clients ask for are in targets, so that there may be any number of them. A session has some 2 KB. The one that was not
 * used for longest is forgotten, and costs a whole handshake.
 */
export const connectorsMax = 256

export class Connectors {
  readonly #open: (target: OriginTarget) => Connector
  /** By their keys, as those of calls; the one that was used last is the last. */
  readonly #known = new Map<string, Connector>()

  constructor(open: (target: OriginTarget) => Connector) {
    this.#open = open
  }

  to(target: OriginTarget): Connector {
    if (target.isTls !== true) return this.#open(target)
    const key = keyOf(target)
    const connector = this.#known.get(key) ?? this.#open(target)
    this.#known.delete(key)
    this.#known.set(key, connector)
    const [oldest] = this.#known.keys()
    if (this.#known.size > connectorsMax && oldest !== undefined) this.#known.delete(oldest)
    return connector
  }
}
