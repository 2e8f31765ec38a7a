// Patterns that somebody on this node watches for: each is watched in those lanes that fall to this worker, so that together
// the workers of a node hear of every publication once.
import type { Carrier } from './carrier.ts'

interface Watched {
  /** Lanes in which whatever is published is matched. */
  readonly lanes: Set<number>
  /** Whoever waits until that holds for all of this worker's. */
  waiting: (() => void)[]
  /** It held for all of them once. */
  isComplete: boolean
}

export interface FeedOptions {
  readonly carrier: Carrier
  /** Lane p is the matter of worker p modulo all. */
  readonly slot: number
  readonly workers: number
  patternGap(): void
}

export class Feed {
  readonly #options: FeedOptions
  readonly #lanes: readonly number[]
  readonly #connected = new Set<number>()
  readonly #patterns = new Map<string, Watched>()

  constructor(options: FeedOptions) {
    this.#options = options
    const { carrier, slot, workers } = options
    const all = Array.from({ length: carrier.lanes }, (_, lane) => lane)
    this.#lanes = all.filter(lane => lane % workers === slot)
  }

  watch(pattern: string, done: () => void): void {
    const known = this.#patterns.get(pattern)
    if (known !== undefined) {
      known.waiting.push(done)
      return this.#confirm(known)
    }
    const watched: Watched = { lanes: new Set(), waiting: [done], isComplete: false }
    this.#patterns.set(pattern, watched)
    for (const lane of this.#lanes) this.#watchIn(lane, pattern, watched)
    this.#confirm(watched)
  }

  unwatch(pattern: string): void {
    if (!this.#patterns.delete(pattern)) return
    const { carrier } = this.#options
    for (const lane of this.#lanes) if (this.#connected.has(lane)) carrier.unwatch(lane, pattern)
  }

  up(lane: number): void {
    if (!this.#lanes.includes(lane)) return
    this.#connected.add(lane)
    for (const [pattern, watched] of this.#patterns) this.#watchIn(lane, pattern, watched)
  }

  down(lane: number): void {
    this.#connected.delete(lane)
    for (const watched of this.#patterns.values()) watched.lanes.delete(lane)
  }

  #watchIn(lane: number, pattern: string, watched: Watched): void {
    const { carrier, patternGap } = this.#options
    if (!this.#connected.has(lane)) return
    carrier.watch(lane, pattern, outcome => {
      if (outcome === 'away' || this.#patterns.get(pattern) !== watched) return
      watched.lanes.add(lane)
      // It was watched there before the outage, and somebody relies on it.
      if (watched.isComplete) patternGap()
      this.#confirm(watched)
    })
  }

  #confirm(watched: Watched): void {
    if (this.#lanes.some(lane => !watched.lanes.has(lane))) return
    watched.isComplete = true
    const { waiting } = watched
    watched.waiting = []
    for (const done of waiting) done()
  }
}
