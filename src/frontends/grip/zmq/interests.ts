// The channels that publishers are told of: each worker says for those that it owns when somebody comes and when the last one
// has left, and one is given up when the time is over for which its order is remembered (contract §6.6).
import type { Cancel, Clock } from '../../../std/clock.ts'

export interface InterestsDependencies {
  readonly clock: Clock
  subscribe(channel: string): void
  unsubscribe(channel: string): void
}

type Off = readonly [channel: string, lingerMs: number]

export class Interests {
  readonly #dependencies: InterestsDependencies
  /** By channel: the worker that owns it, and what gives it up where nobody is left. */
  readonly #channels = new Map<string, { slot: number; leaving: Cancel | undefined }>()

  constructor(dependencies: InterestsDependencies) {
    this.#dependencies = dependencies
  }

  /** `isAll`: the worker has just come, and knows of no others. */
  told(slot: number, isAll: boolean, on: readonly string[], off: readonly Off[]): void {
    for (const channel of on) this.#on(slot, channel)
    for (const [channel, lingerMs] of off) this.#off(channel, lingerMs)
    if (!isAll) return
    const named = new Set(on)
    for (const [channel, entry] of this.#channels)
      if (entry.slot === slot && entry.leaving === undefined && !named.has(channel)) this.#drop(channel)
  }

  has(channel: string): boolean {
    return this.#channels.has(channel)
  }

  get size(): number {
    return this.#channels.size
  }

  /** Nothing is given up any more. */
  close(): void {
    for (const { leaving } of this.#channels.values()) leaving?.()
  }

  #on(slot: number, channel: string): void {
    const known = this.#channels.get(channel)
    known?.leaving?.()
    this.#channels.set(channel, { slot, leaving: undefined })
    if (known === undefined) this.#dependencies.subscribe(channel)
  }

  #off(channel: string, lingerMs: number): void {
    const known = this.#channels.get(channel)
    if (known === undefined) return
    known.leaving?.()
    if (lingerMs <= 0) return this.#drop(channel)
    known.leaving = this.#dependencies.clock.after(lingerMs, () => this.#drop(channel))
  }

  #drop(channel: string): void {
    this.#channels.delete(channel)
    this.#dependencies.unsubscribe(channel)
  }
}
