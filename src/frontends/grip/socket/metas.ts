// What an origin has us remember of a connection: `Set-Meta-NAME` in its answers, `Meta-NAME` in all requests that follow
// (contract §8.3). Filters do not see it.
import { headersOf, type RawHeaders } from '../proxy/raw-headers.ts'

/** Names and values of one connection; they are sent with each of its requests. What is beyond is not remembered. */
const metaBytesMax = 8_192

const prefix = 'set-meta-'

export class Metas {
  /** By the name in lower case. */
  readonly #metas = new Map<string, readonly [name: string, value: string]>()
  #bytes = 0

  /** Returns how many there was no room for. An empty value forgets. */
  take(answer: RawHeaders): number {
    let ignored = 0
    for (const [lower, name, value] of headersOf(answer)) {
      if (!lower.startsWith(prefix) || lower.length === prefix.length) continue
      const key = lower.slice(prefix.length)
      this.#forget(key)
      if (value === '') continue
      const bytes = key.length + value.length
      if (this.#bytes + bytes > metaBytesMax) {
        ignored++
        continue
      }
      this.#bytes += bytes
      this.#metas.set(key, [`Meta-${name.slice(prefix.length)}`, value])
    }
    return ignored
  }

  /** In the order in which they came. */
  headers(): readonly string[] {
    return [...this.#metas.values()].flat()
  }

  #forget(key: string): void {
    const known = this.#metas.get(key)
    if (known === undefined) return
    this.#bytes -= key.length + known[1].length
    this.#metas.delete(key)
  }
}
