// Three engines in a mesh with the model beside them: how workers live and die, and what that may cost whom.
import { equal, fail, ok } from 'node:assert/strict'
import type { Engine } from '../../src/engine/engine.ts'
import type { ChannelSnapshot } from '../../src/engine/owner/snapshot.ts'
import type { Policy } from '../../src/engine/words/namespace.ts'
import { Mesh, type MeshOptions } from './mesh.ts'
import { OwnerModel } from './model.ts'
import { type Death, type ModelConfig, plenty } from './model-ops.ts'
import {
  awaitedMs,
  historySizeOf,
  modelHistory,
  modelLanes,
  modelNamespaces,
  modelSettings,
  policyOf,
} from './model-settings.ts'
import { LinkWatch } from './model-watch.ts'
import type { World } from './model-world.ts'

/** `retired` has said farewell and still runs; `starting` has not heard from all others. */
type SlotState = 'open' | 'starting' | 'retired' | 'ended'

/** What is played on. */
export type Play = Pick<MeshOptions, 'mutation' | 'late'>

export class ModelWorkers implements World {
  readonly config: ModelConfig
  /** Brokers answer later. */
  readonly late: boolean
  readonly channels: readonly string[]
  readonly floods: boolean
  readonly clockMoves: boolean
  readonly mesh: Mesh
  readonly model: OwnerModel
  readonly watch: LinkWatch
  readonly states: SlotState[] = ['open', 'open', 'open']
  /** How often each has ended. */
  readonly deaths: number[] = [0, 0, 0]
  /** What an ended worker left to its successor, and when. */
  readonly #left = new Map<number, { readonly channels: readonly ChannelSnapshot[]; readonly at: number }>()
  readonly #skipped = new Map<Engine, number>()

  constructor(config: ModelConfig, play: Play) {
    // A ledger forgets as it is asked, and what follows from that is told later: the model knows only what is told.
    this.late = play.late !== undefined
    this.config = this.late ? { ...config, idleChannelsMax: plenty } : config
    const names = this.config.channels.map(({ kind, lane = '', owner }) => `x${kind}${lane}${owner}`)
    this.channels = [...new Set(names)]
    this.floods = this.late || this.config.fanoutBytesMax < plenty
    // A channel that is forgotten and used again in one millisecond begins at the same offset.
    this.clockMoves = this.config.clockMoves && this.config.idleChannelsMax === plenty
    const limits = {
      historyTtlMs: modelHistory.ttlMs,
      historySize: historySizeOf,
      evicting: this.config.historyBytesMax < plenty,
      forgetting: this.config.idleChannelsMax < plenty,
      awaitedMs,
      clockMoves: this.clockMoves,
      seed: () => Math.floor(this.mesh.clock.unixMs()) * 64,
    }
    this.model = new OwnerModel(limits, () => this.mesh.clock.now())
    this.watch = new LinkWatch({
      model: this.model,
      ownerOf: channel => this.ownerOf(channel),
      engine: slot => this.mesh.engines[slot],
      opened: slot => this.#opened(slot),
      serves: slot => this.states[slot] === 'open',
      isLate: this.late,
      now: () => this.mesh.clock.now(),
    })
    this.mesh = new Mesh({
      settings: modelSettings(this.config),
      history: { ...modelHistory, workerBytesMax: this.config.historyBytesMax },
      namespaces: modelNamespaces,
      observer: this.watch,
      lanes: modelLanes,
      ...play,
    })
  }

  ownerOf(channel: string): number {
    return Number(channel.at(-1))
  }

  policyOf(channel: string): Policy {
    return policyOf(channel)
  }

  disturbed(slot: number, channel: string): boolean {
    return this.watch.disturbed(slot, channel) || this.#isWithheldAt(slot, channel)
  }

  /** A worker's own hub tells its owner of pressure by no message. */
  #isWithheldAt(slot: number, channel: string): boolean {
    if (!this.late || slot !== this.ownerOf(channel)) return false
    return (this.mesh.engines[slot]?.statistics().shard['withheld'] ?? 0) > 0
  }

  waits(slot: number, channel: string): boolean {
    if (slot === this.ownerOf(channel)) return false
    return !this.watch.isLive(slot, channel) || this.watch.asksInVain(slot, channel)
  }

  skipped(slot: number, count: number): void {
    const engine = this.engine(slot)
    const skipped = (this.#skipped.get(engine) ?? 0) + count
    this.#skipped.set(engine, skipped)
    const counted = engine.statistics().hub['dropped'] ?? 0
    ok(skipped <= counted, `worker ${slot} dropped ${skipped} and counts ${counted}`)
  }

  engine(slot: number): Engine {
    return this.mesh.engines[slot] ?? fail(`no worker in slot ${slot}`)
  }

  /** The slot, or the next one, that is in that state: clients can connect to open ones. */
  slotIn(state: SlotState, slot: number): number | undefined {
    return [slot, slot + 1, slot + 2].map(each => each % 3).find(each => this.states[each] === state)
  }

  served(channel: string): boolean {
    return this.states[this.ownerOf(channel)] === 'open'
  }

  advance(ms: number): void {
    if (!this.config.clockMoves) this.mesh.clock.epochMs -= ms
    this.mesh.advance(ms)
  }

  settle(): void {
    this.mesh.settle()
    ok(!this.states.includes('starting'), 'a worker does not open')
    // A hub heals itself of what comes out of order, so that clients would not show it.
    this.states.forEach((state, slot) => {
      if (state !== 'open') return
      const { disorders } = this.engine(slot).statistics().hub
      equal(disorders, 0, `worker ${slot} is sent what does not follow`)
    })
  }

  retire(slot: number): void {
    const state = this.states[slot]
    if (state !== 'open' && state !== 'starting') return
    this.mesh.retire(slot)
    this.#mourn(slot, true)
    this.states[slot] = 'retired'
  }

  end(slot: number, death: Death): void {
    if (this.states[slot] === 'ended') return
    if (death === 'silent' && this.states[slot] !== 'retired') {
      this.mesh.end(slot, { farewell: false })
      this.#mourn(slot, false)
    } else {
      this.retire(slot)
      if (death === 'snapshot') {
        this.#left.set(slot, { channels: this.engine(slot).snapshot(), at: this.mesh.clock.now() })
      } else {
        for (const channel of this.#ownedBy(slot)) this.model.memoryLost(channel)
      }
      this.mesh.end(slot)
    }
    this.states[slot] = 'ended'
    this.deaths[slot] = (this.deaths[slot] ?? 0) + 1
  }

  start(slot: number): void {
    if (this.states[slot] !== 'ended') return
    this.advance(1)
    this.states[slot] = 'starting'
    const left = this.#left.get(slot)
    this.#left.delete(slot)
    for (const [channel, epoch] of left?.channels ?? []) this.model.restored(channel, epoch)
    this.mesh.start(slot, left?.channels, this.mesh.clock.now() - (left?.at ?? 0))
  }

  #opened(slot: number): void {
    equal(this.states[slot] === 'starting' || this.deaths[slot] === 0, true, `worker ${slot} opens twice`)
    this.states[slot] = 'open'
    for (const channel of this.#ownedBy(slot)) this.model.opened(channel, this.late)
  }

  /** Law 7: who has everything when the farewell comes can hand the numbering on; nobody can after silence. */
  #mourn(slot: number, farewell: boolean): void {
    const channels = this.#ownedBy(slot)
    const open = this.states[slot] === 'open'
    // A worker that never served changed nothing: whoever vouched for the channels still does.
    if (open || !farewell) {
      const others = [0, 1, 2].filter(each => each !== slot && /open|starting/.test(this.states[each] ?? ''))
      const vouchers = this.watch.ownerEnded(channels, others, farewell)
      channels.forEach((channel, index) => {
        if (farewell) this.model.farewell(channel, vouchers[index] ?? new Set())
        else this.model.silent(channel)
      })
    }
    this.watch.hubEnded(slot)
    for (const channel of this.channels) this.model.unvouch(channel, slot)
  }

  #ownedBy(slot: number): string[] {
    return this.channels.filter(channel => this.ownerOf(channel) === slot)
  }
}
