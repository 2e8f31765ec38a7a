// Whole engines of two nodes with two workers each, whose clients have private channels of one group.
import { ok } from 'node:assert/strict'
import type { EachOutcome } from '../../../src/engine/broadcasts.ts'
import { broadcastChannel, homeKeyOf, privateChannel } from '../../../src/engine/words/private.ts'
import type { Refusal } from '../../../src/engine/words/refusal.ts'
import { FakeClock } from '../fake-clock.ts'
import { FakeSubscriber } from '../fake-subscriber.ts'
import { Mesh } from '../mesh.ts'
import { MemoryCluster } from './memory-cluster.ts'
import { MemoryNode } from './memory-node.ts'

export const group = 'test/data'
const keep = { historySize: 20, historyTtlMs: 60_000, historyBytesMax: 1_000_000 }

export class GroupScene {
  readonly clock = new FakeClock()
  readonly cluster = new MemoryCluster({ clock: this.clock, lanes: 3 })
  readonly nodes = ['a', 'b'].map(name => new MemoryNode(this.cluster, name, 2, keep))
  readonly meshes = this.nodes.map(
    node =>
      new Mesh({
        workers: 2,
        history: { size: keep.historySize, ttlMs: keep.historyTtlMs },
        node,
        groups: [{ group }],
        ownerOf: channel => Number(/\d*$/.exec(homeKeyOf(channel))?.[0] ?? 0) % 2,
      }),
  )

  constructor() {
    this.settle()
  }

  settle(): void {
    for (let rounds = 0; rounds < 50; rounds++) for (const mesh of this.meshes) mesh.settle()
  }

  advance(ms: number): void {
    this.clock.advance(ms)
    for (const mesh of this.meshes) mesh.advance(ms)
    this.settle()
  }

  mesh(node: number): Mesh {
    const mesh = this.meshes[node]
    ok(mesh)
    return mesh
  }

  /** As clients of pushwire do. */
  watch(node: number, slot: number, key: string, since?: string): FakeSubscriber {
    const subscriber = new FakeSubscriber({ tells: true, rest: true })
    this.mesh(node).subscribeTo(slot, privateChannel(group, key), subscriber, since)
    this.settle()
    return subscriber
  }

  each(node: number, slot: number, text: string, except?: string): (EachOutcome | Refusal)[] {
    const outcomes: (EachOutcome | Refusal)[] = []
    const content = { kind: 'text', payload: Buffer.from(text) } as const
    this.mesh(node).engines[slot]?.publishEach({ group, content, via: 'test', except }, outcome =>
      outcomes.push(outcome),
    )
    return outcomes
  }

  /** Until `heal`, no worker of the node reaches the broker. */
  cut(node: number): void {
    for (const carrier of this.nodes[node]?.carriers ?? [])
      for (let lane = 0; lane < carrier.lanes; lane++) {
        carrier.barred.add(lane)
        carrier.cut(lane)
      }
  }

  heal(node: number): void {
    for (const carrier of this.nodes[node]?.carriers ?? []) {
      carrier.barred.clear()
      for (let lane = 0; lane < carrier.lanes; lane++) carrier.connect(lane)
    }
    this.settle()
  }

  /** Published to the group while the home of that key's channel at the first node hears of it and cannot append to it. */
  lose(key: string): void {
    const [home] = this.nodes[0]?.carriers ?? []
    ok(home)
    const lane = home.laneOf(privateChannel(group, key))
    ok(lane !== home.laneOf(broadcastChannel(group)))
    home.barred.add(lane)
    home.cut(lane)
    this.each(1, 1, 'lost')
    this.settle()
    home.barred.clear()
    home.connect(lane)
    this.settle()
  }

  /** Sums over the workers of a node. */
  counted(node: number, name: string): number {
    return this.mesh(node).engines.reduce((sum, engine) => sum + (engine?.statistics().shard[name] ?? 0), 0)
  }
}
