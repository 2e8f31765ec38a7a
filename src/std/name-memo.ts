// What was found out about names, kept by them until there are too many: then all of it is forgotten, and found again.
import { ownText } from './own-text.ts'

export class NameMemo<Name extends string, Found extends object> {
  readonly #namesMax: number
  readonly #find: (name: Name) => Found
  readonly #found = new Map<string, Found>()

  constructor(namesMax: number, find: (name: Name) => Found) {
    this.#namesMax = namesMax
    this.#find = find
  }

  of(name: Name): Found {
    const kept = this.#found.get(name)
    if (kept !== undefined) return kept
    const found = this.#find(name)
    if (this.#found.size >= this.#namesMax) this.#found.clear()
    this.#found.set(ownText(name), found)
    return found
  }

  /** What was found does not hold any more. */
  clear(): void {
    this.#found.clear()
  }
}
