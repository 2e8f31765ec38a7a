// How often filters may ask one URL (contract §7): so many times a second in each worker, and what is more waits for the next second, in
// order. Who waits is bounded by who is connected: a connection has one question at a time.
import type { Clock } from '../../../std/clock.ts'

const secondMs = 1_000

interface Place {
  /** Asked in the second that runs. */
  asked: number
  readonly waiting: Set<() => void>
}

export class Allotment {
  readonly #clock: Clock
  readonly #perSecond: () => number
  /** Those that were asked within the last second, or are waited for. */
  readonly #places = new Map<string, Place>()
  #waiting = 0

  constructor(clock: Clock, perSecond: () => number) {
    this.#clock = clock
    this.#perSecond = perSecond
  }

  /** Questions that wait. */
  get waiting(): number {
    return this.#waiting
  }

  /** Runs it in its turn, perhaps before this returns; the returned function takes it back. */
  add(url: string, run: () => void): () => void {
    const place = this.#places.get(url) ?? this.#open(url)
    // A bound that was raised lets nobody pass those who wait.
    if (place.waiting.size === 0 && place.asked < this.#perSecond()) {
      place.asked++
      run()
      return () => {}
    }
    place.waiting.add(run)
    this.#waiting++
    return () => this.#forget(place, run)
  }

  #open(url: string): Place {
    const place = { asked: 0, waiting: new Set<() => void>() }
    this.#places.set(url, place)
    this.#clock.after(secondMs, () => this.#next(url, place))
    return place
  }

  /** A second is over: those who wait have the next one. */
  #next(url: string, place: Place): void {
    place.asked = 0
    if (place.waiting.size === 0) {
      this.#places.delete(url)
      return
    }
    this.#clock.after(secondMs, () => this.#next(url, place))
    for (const run of place.waiting) {
      if (place.asked >= this.#perSecond()) break
      place.asked++
      this.#forget(place, run)
      run()
    }
  }

  #forget(place: Place, run: () => void): void {
    if (place.waiting.delete(run)) this.#waiting--
  }
}
