// The workers of a node as the primary has them: who is in which slot, and which threads run.
import type { Worker } from 'node:worker_threads'
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import type { ToWorker } from './control.ts'
import { type Stationed, tell } from './stationed.ts'

export class Crew {
  readonly #bySlot: (Stationed | undefined)[] = []
  /** Threads that run, serving or not. */
  readonly #threads = new Map<Worker, Stationed>()

  /** Takes its slot, whoever had it before. */
  add(station: Stationed): void {
    this.#bySlot[station.slot] = station
    this.#threads.set(station.worker, station)
  }

  ended({ worker }: Stationed): void {
    this.#threads.delete(worker)
  }

  get isEmpty(): boolean {
    return this.#threads.size === 0
  }

  runs({ worker }: Stationed): boolean {
    return this.#threads.has(worker)
  }

  /** Of all that run. */
  stations(): Iterable<Stationed> {
    return this.#threads.values()
  }

  in(slot: Slot): Stationed | undefined {
    return this.#bySlot[slot]
  }

  /** Nobody took its slot since. */
  isCurrent(station: Stationed): boolean {
    return this.#bySlot[station.slot] === station
  }

  areAll(state: Stationed['state']): boolean {
    return this.#bySlot.every(station => station?.state === state)
  }

  /** Those that it is to be linked to. */
  othersOf(station: Stationed): readonly Stationed[] {
    return this.#bySlot.flatMap(other => {
      if (other === undefined || other === station) return []
      return other.state === 'booted' || other.state === 'serving' ? [other] : []
    })
  }

  /** Slots whose worker takes connections. */
  serving(): readonly Slot[] {
    return this.#bySlot.flatMap(station => (station?.state === 'serving' ? [station.slot] : []))
  }

  /** Blocking. False: some did not end within `ms`. */
  waitForEnd(ms: number, clock: Clock): boolean {
    const deadline = clock.now() + ms
    for (const { pulse } of this.#threads.values())
      if (!pulse.vitals.waitForEnd(Math.max(0, deadline - clock.now()))) return false
    return true
  }

  broadcast(message: ToWorker): void {
    for (const worker of this.#threads.keys()) tell(worker, message)
  }
}
