// What a node leaves for the next start, whichever way it ends. A disk that refuses is told in the log: no end waits for it.
import type { Slot } from '../engine/words/link.ts'
import type { Log } from '../telemetry/log.ts'
import type { Legacies } from './legacies.ts'
import type { State } from './state.ts'

export class Estate {
  readonly #state: State
  readonly #legacies: Legacies
  readonly #log: Log
  readonly #keepsChannels: boolean

  /** `keepsChannels`: they are this node's own, and nobody else goes on with them. */
  constructor(state: State, legacies: Legacies, log: Log, keepsChannels = true) {
    this.#state = state
    this.#legacies = legacies
    this.#log = log
    this.#keepsChannels = keepsChannels
  }

  /** Workers have something to leave, and there is a place for it. */
  get isWanted(): boolean {
    return this.#keepsChannels && this.#state.isKept && this.#legacies.anyServed
  }

  /** After a stop in order: what the workers left. False: the disk refused. */
  keep(left: ReadonlyMap<Slot, Uint8Array>): boolean {
    const all = this.#keepsChannels ? this.#legacies.addTo(left) : new Map()
    return this.#write(() => this.#state.leave(all, true))
  }

  /**
   * Of a node that cannot go on because of the worker in slot `lost`: what the others left. Nothing of that slot, since
   * what it was given may be what it fails at.
   */
  salvage(left: ReadonlyMap<Slot, Uint8Array>, lost: Slot | undefined): void {
    const all = new Map(this.#legacies.addTo(left))
    if (lost !== undefined) all.delete(lost)
    if (all.size > 0 && this.#write(() => this.#state.leave(all, false)))
      this.#log.info({ slots: [...all.keys()] }, 'left for the next start')
  }

  /** Where no worker ever served, the next start finds what the last run left. */
  giveBackUnused(): void {
    if (!this.#legacies.anyServed) this.#write(() => this.#state.giveBack())
  }

  #write(write: () => void): boolean {
    try {
      write()
      return true
    } catch (error) {
      this.#log.error(
        { code: 'state-unwritable', err: error },
        'numbering and history could not be left for the next start',
      )
      return false
    }
  }
}
