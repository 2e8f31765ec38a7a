// The new process's side of a succession (law 21): it prepares everything that needs nothing of the old one, then takes the
// channels, and serves.

import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import { Line } from './line.ts'
import { type FromPredecessor, type ToPredecessor, upgradeForm } from './words.ts'

export class Successor {
  readonly #line: Line<ToPredecessor, FromPredecessor>
  readonly #folder: string
  #readers = 0
  readonly #told = new Set<Slot>()

  private constructor(line: Line<ToPredecessor, FromPredecessor>, folder: string) {
    this.#line = line
    this.#folder = folder
  }

  /** Rejects where nobody listens at `path`. */
  static async open(path: string, folder: string, clock: Clock): Promise<Successor> {
    const socket = connect(path)
    await once(socket, 'connect')
    const line: Line<ToPredecessor, FromPredecessor> = new Line(socket, clock)
    line.say(['begun'])
    return new Successor(line, folder)
  }

  /** What the workers of the old process left, packed. From now on publishers wait. */
  async takeChannels(version: string): Promise<readonly Uint8Array[]> {
    this.#line.say(['prepared', upgradeForm, version])
    const [, channels, readers] = await this.#line.next('left')
    this.#readers = readers
    return channels
  }

  /** Where the worker in the slot waits for readers: once, for whoever takes its slot later cannot be found there. */
  awaited(slot: Slot): { readonly path: string; readonly readers: number } | undefined {
    if (this.#readers === 0 || this.#told.has(slot)) return undefined
    this.#told.add(slot)
    return { path: this.#pathOf(slot), readers: this.#readers }
  }

  restored(ring: unknown, workers: number): void {
    const paths = Array.from({ length: workers }, (_, slot) => this.#pathOf(slot))
    this.#line.say(['restored', ring, paths])
  }

  /** `taken`: the state directory is this one's, and what only one process can have. Rejects where the old one is gone. */
  async taken(): Promise<void> {
    await this.#line.next('yours')
  }

  serving(): void {
    this.#line.say(['serving'])
    this.#line.close()
  }

  #pathOf(slot: Slot): string {
    return join(this.#folder, `${process.pid}.${slot}`)
  }
}
