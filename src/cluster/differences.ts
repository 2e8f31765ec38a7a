// The nodes that are not alike this one, as far as a worker knows: told whenever that changes.
import { type About, type Difference, differencesFrom } from './about.ts'

/** Whoever is told of so many needs no more. */
const toldMax = 100

export class Differences {
  readonly #own: About
  readonly #tell: (differences: readonly Difference[]) => void
  #now: readonly Difference[] = []

  constructor(own: About, tell: (differences: readonly Difference[]) => void) {
    this.#own = own
    this.#tell = tell
  }

  get count(): number {
    return this.#now.length
  }

  /** What each node that lives says of itself: see `aboutText`. */
  note(texts: ReadonlyMap<string, string>): void {
    const before = this.#now
    this.#now = differencesFrom(this.#own, texts)
    if (JSON.stringify(before) !== JSON.stringify(this.#now)) this.#tell(this.#now.slice(0, toldMax))
  }
}
