// Three engines in a mesh for the tracker model: how workers live, die and are started anew, and what is handed over then.
import { fail } from 'node:assert/strict'
import type { Engine } from '../../../src/engine/engine.ts'
import type { ChannelSnapshot } from '../../../src/engine/owner/snapshot.ts'
import { homeKeyOf } from '../../../src/engine/words/private.ts'
import type { Publication } from '../../../src/engine/words/publication.ts'
import { historyDefaults, Mesh } from '../mesh.ts'
import { type Death, type PushwireConfig, plenty } from './model-ops.ts'

export const group = 'model/data'

/** Publications that a channel keeps. */
export const historySize = 4

/** As many channels with names as there are keep their numbering, and not one more. */
const idleChannelsMax = 2

/** No sum of the times that pass in a sequence, so that a number of another epoch is met by chance never. */
const backMs = 1_000_003

/**
 * Faults, to prove that the model sees them: the successor of a lost owner begins where hubs stand; private channels have
 * names, and share the bound of those; the first that history holds is lost in a hand-over; so is the last publication.
 */
export type WorkersFault = 'jump-forgotten' | 'idle-shared' | 'first-lost' | 'last-lost' | undefined

export class PushwireWorkers {
  readonly mesh: Mesh
  readonly #fault: WorkersFault
  /** Private channels may be forgotten. */
  readonly forgets: boolean
  readonly #open = new Set<number>()
  readonly #left = new Map<number, readonly ChannelSnapshot[]>()
  /** How often what an owner held was lost, by its slot. */
  readonly losses = [0, 0, 0]

  constructor(config: PushwireConfig, appended: (publication: Publication) => void, fault: WorkersFault) {
    this.#fault = fault
    const { owners: _, late, ...limits } = config
    this.forgets = config.idlePrivateChannelsMax < plenty
    const idlePrivateMs = this.forgets ? 900_000 : 86_400_000
    this.mesh = new Mesh({
      settings: { ...limits, idlePrivateMs, idleChannelsMax, outboxBytesMax: 80, outboxAgeMsMax: 60_000 },
      history: { ...historyDefaults, size: historySize, ttlMs: 86_400_000 },
      namespaces: [{ pattern: 's*0', policy: 'catch-up' }],
      groups: [{ group, policy: 'catch-up' }],
      ownerOf: channel => this.ownerOf(channel),
      observer: { opened: slot => this.#open.add(slot) },
      appended,
      late,
      mutation: fault === 'jump-forgotten' ? fault : undefined,
    })
  }

  ownerOf(channel: string): number {
    return Number(/\d*$/.exec(homeKeyOf(channel))?.[0] ?? 0) % 3
  }

  serves(slot: number): boolean {
    return this.#open.has(slot)
  }

  /** The slot, or the next one, that serves. */
  servingAt(slot: number): number | undefined {
    return [slot, slot + 1, slot + 2].map(each => each % 3).find(each => this.#open.has(each))
  }

  engine(slot: number): Engine {
    return this.mesh.engines[slot] ?? fail(`no worker in slot ${slot}`)
  }

  end(slot: number, death: Death, lost: number, back: boolean): void {
    const engine = this.mesh.engines[slot]
    if (engine === undefined) return
    if (death === 'snapshot') {
      this.mesh.retire(slot)
      this.#left.set(slot, this.#handedOver(engine.snapshot()))
    } else {
      this.#lose(slot)
    }
    if (death === 'silent') this.#loseBatches(slot, lost)
    this.mesh.end(slot, { farewell: death !== 'silent' })
    this.#open.delete(slot)
    if (back) this.mesh.clock.epochMs -= backMs
  }

  /** A worker takes a moment to come. */
  start(slot: number): void {
    if (this.mesh.engines[slot] !== undefined) return
    this.mesh.advance(5)
    const left = this.#left.get(slot) ?? []
    this.#left.delete(slot)
    this.mesh.start(slot, left)
  }

  /** Nobody is connected. `isKept`: in order, with a state directory. */
  restart(isKept: boolean, back: boolean): void {
    this.mesh.settle()
    for (const slot of [0, 1, 2]) {
      const engine = this.mesh.engines[slot]
      if (isKept && engine !== undefined) {
        engine.drain(0)
        engine.seal()
      }
    }
    for (const slot of [0, 1, 2]) {
      const engine = this.mesh.engines[slot]
      // One that has ended before has left what it left.
      if (isKept && engine !== undefined) this.#left.set(slot, this.#handedOver(engine.snapshot()))
      if (!isKept) this.#lose(slot)
      this.mesh.end(slot, { farewell: false })
      this.#open.delete(slot)
    }
    if (back) this.mesh.clock.epochMs -= backMs
    for (const slot of [0, 1, 2]) this.start(slot)
    this.mesh.settle()
  }

  #lose(slot: number): void {
    this.#left.delete(slot)
    this.losses[slot] = (this.losses[slot] ?? 0) + 1
  }

  /** What it sent last does not arrive: all links of a worker, and what is on them, are its own memory. */
  #loseBatches(slot: number, lost: number): void {
    for (const to of [0, 1, 2]) {
      if (to === slot || !this.serves(to) || lost === 0) continue
      this.mesh.link(slot, to).batches.splice(-lost)
    }
  }

  #handedOver(channels: readonly ChannelSnapshot[]): readonly ChannelSnapshot[] {
    return channels.map(channel => {
      const [name, epoch, first, next, kept, keys] = channel
      if (this.#fault === 'first-lost') return [name, epoch, first, next, kept.slice(1), keys]
      if (this.#fault === 'last-lost' && next > first)
        return [name, epoch, first, next - 1, kept.slice(0, -1), keys]
      return channel
    })
  }
}
