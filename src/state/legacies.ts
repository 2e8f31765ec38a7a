// Channels on their way into a worker: what the last run, or the worker before it in the slot, left for it. They are
// kept here until the worker serves, so that one that never comes to it costs nothing.
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import { ageChannels, packChannels, parseChannels } from './state.ts'

interface Legacy {
  readonly channels: Uint8Array
  /** By the clock, when what its entries have left was true. */
  readonly at: number
}

export class Legacies {
  readonly #clock: Clock
  readonly #waiting: Map<Slot, Legacy>
  /** Whether any worker ever served. */
  anyServed = false

  constructor(taken: ReadonlyMap<Slot, Uint8Array>, clock: Clock) {
    this.#clock = clock
    this.#waiting = new Map([...taken].map(([slot, channels]) => [slot, { channels, at: clock.now() }]))
  }

  /** What the process before left, before any worker starts. */
  take(left: ReadonlyMap<Slot, Uint8Array>): void {
    for (const [slot, channels] of left) this.#waiting.set(slot, { channels, at: this.#clock.now() })
  }

  /** What a worker that starts gets: `legacy`, or what the one before it got and never served. */
  give(slot: Slot, legacy: Uint8Array | undefined): Uint8Array | undefined {
    if (legacy !== undefined) this.#waiting.set(slot, { channels: legacy, at: this.#clock.now() })
    return this.#aged(slot)
  }

  served(slot: Slot): void {
    this.anyServed = true
    this.#waiting.delete(slot)
  }

  /** What no worker served, beside what the workers left themselves, which counts where there is both. */
  addTo(left: ReadonlyMap<Slot, Uint8Array>): ReadonlyMap<Slot, Uint8Array> {
    const all = new Map(left)
    for (const slot of this.#waiting.keys()) {
      const channels = all.has(slot) ? undefined : this.#aged(slot)
      if (channels !== undefined) all.set(slot, channels)
    }
    return all
  }

  #aged(slot: Slot): Uint8Array | undefined {
    const waiting = this.#waiting.get(slot)
    if (waiting === undefined) return undefined
    const ms = this.#clock.now() - waiting.at
    return ms === 0 ? waiting.channels : packChannels(ageChannels(parseChannels(waiting.channels), ms))
  }
}
