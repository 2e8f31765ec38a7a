// Connections of one client id at workers of two nodes that share a broker, whose clocks differ: whatever the order in which
// things arrive, whichever workers end or lose the broker, one stays; and one that comes when all is quiet is the newest.
// RINGCAST_SEED repeats a run, RINGCAST_CLAIMS_RUNS makes it longer.
import { deepEqual, ok } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { MemoryCluster } from '../helpers/cluster/memory-cluster.ts'
import { MemoryNode } from '../helpers/cluster/memory-node.ts'
import { FakeClock } from '../helpers/fake-clock.ts'
import { Connection, Scene } from '../helpers/pushwire/scene.ts'

const [nodes, workers] = [2, 2]
const node = fc.nat(nodes - 1)
const slot = fc.nat(workers - 1)
const place = { node, slot }
const how = fc.constantFrom('whole', 'empty', 'behind')

type Op =
  | { readonly op: 'connect'; readonly node: number; readonly slot: number; readonly reads: boolean }
  | { readonly op: 'leave'; readonly index: number }
  | { readonly op: 'deliver'; readonly node: number; readonly slot: number }
  | { readonly op: 'turn'; readonly node: number; readonly slot: number }
  | { readonly op: 'pass'; readonly ms: number }
  | { readonly op: 'die'; readonly node: number; readonly slot: number; readonly farewell: boolean }
  | { readonly op: 'cut'; readonly node: number; readonly slot: number }
  | { readonly op: 'restart'; readonly how: 'whole' | 'empty' | 'behind' }
  | { readonly op: 'settle' }

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: fc.constant('connect'), ...place, reads: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('leave'), index: fc.nat(20) }) },
  { weight: 12, arbitrary: fc.record({ op: fc.constant('deliver'), ...place }) },
  { weight: 12, arbitrary: fc.record({ op: fc.constant('turn'), ...place }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('pass'), ms: fc.constantFrom(0, 1, 20, 300) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('die'), ...place, farewell: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('cut'), ...place }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('restart'), how }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('settle') }) },
)

class Storm {
  readonly clock = new FakeClock()
  readonly cluster = new MemoryCluster({ clock: this.clock })
  readonly scenes: readonly Scene[]
  readonly #nodes: readonly MemoryNode[]
  readonly connections: {
    readonly node: number
    readonly slot: number
    readonly connection: Connection
    isGone: boolean
  }[] = []

  /** `owner`: the home of the id; `aheadMs`: how far the clock of the second node is ahead of the first one's. */
  constructor(owner: number, aheadMs: number) {
    const keep = { historySize: 0, historyTtlMs: 60_000, historyBytesMax: 1_000_000 }
    this.#nodes = ['a', 'b'].map(name => new MemoryNode(this.cluster, name, workers, keep))
    this.scenes = this.#nodes.map((joined, number) => {
      const scene = new Scene({ workers, ownerOf: () => owner, node: joined, nonces: number * 1_000 })
      if (number > 0) scene.mesh.clock.epochMs += aheadMs
      return scene
    })
    this.settle(1)
  }

  scene(number: number): Scene {
    const scene = this.scenes[number]
    ok(scene)
    return scene
  }

  play(op: Op): void {
    switch (op.op) {
      case 'connect':
        this.connect(op.node, op.slot, op.reads)
        break
      case 'leave': {
        const one = this.connections[op.index % Math.max(1, this.connections.length)]
        if (one !== undefined) this.#gone(one)
        break
      }
      case 'deliver':
        this.scene(op.node).mesh.deliver(op.slot, 1 - op.slot)
        break
      case 'turn':
        this.scene(op.node).mesh.turn(op.slot)
        break
      case 'pass':
        this.pass(op.ms)
        break
      case 'die': {
        const { mesh } = this.scene(op.node)
        mesh.kill(op.slot, { farewell: op.farewell })
        for (const one of this.connections) if (one.node === op.node && one.slot === op.slot) this.#gone(one)
        mesh.start(op.slot)
        break
      }
      case 'cut':
        // It comes back by itself.
        this.#nodes[op.node]?.carriers[op.slot]?.cut(0)
        break
      case 'restart':
        for (const { carriers } of this.#nodes) for (const carrier of carriers) carrier.cut(0)
        for (const lane of this.cluster.lanes) lane.restart(op.how)
        break
      case 'settle':
        this.settle(1)
        break
      default:
        op satisfies never
    }
  }

  connect(at: number, worker: number, reads = true): void {
    const connection = new Connection()
    connection.takes = reads
    this.connections.push({ node: at, slot: worker, connection, isGone: false })
    this.scene(at).open({}, worker, connection)
  }

  pass(ms: number): void {
    this.clock.advance(ms)
    for (const { mesh } of this.scenes) mesh.advance(ms)
  }

  settle(times: number): void {
    for (let time = 0; time < times; time++) {
      for (let round = 0; round < 6; round++) for (const { mesh } of this.scenes) mesh.settle()
      if (times > 1) this.pass(300)
    }
  }

  get staying() {
    return this.connections.filter(({ connection, isGone }) => !isGone && connection.endings.length === 0)
  }

  finish(): void {
    this.settle(12)
    const { length } = this.staying
    ok(length <= 1, `${length} stay`)
    // One that left may have replaced all others first.
    if (this.connections.length > 0 && this.connections.every(({ isGone }) => !isGone))
      ok(length === 1, 'nobody stays')
    for (const [at, worker] of [
      [0, 0],
      [1, 1],
      [0, 1],
      [1, 0],
    ] as const)
      this.#newest(at, worker)
  }

  /** One that comes when all is quiet. */
  #newest(at: number, worker: number): void {
    this.connect(at, worker)
    this.settle(6)
    const newest = this.connections.at(-1)
    ok(newest?.connection.hasBegun, 'the newest was not let in')
    deepEqual(this.staying, [newest], 'another one than the newest stays')
    for (const { connection } of this.connections) {
      const { endings } = connection
      ok(endings.length <= 1 && endings.every(ending => ending === 'replaced'), endings.join())
    }
  }

  #gone(one: (typeof this.connections)[number]): void {
    one.isGone = true
    one.connection.session?.leave()
  }
}

test('of all connections of an id one stays, and whoever comes when all is quiet is the newest', t => {
  const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
  const numRuns = Number(process.env['RINGCAST_CLAIMS_RUNS'] ?? 150)
  t.diagnostic(`seed ${seed}, ${numRuns} sequences`)
  const ops = fc.array(op, { minLength: 5, maxLength: 60, size: 'max' })
  const ahead = fc.constantFrom(0, -1, 1, -50, 50, -3_600_000, 3_600_000)
  fc.assert(
    fc.property(slot, ahead, ops, (owner, aheadMs, sequence) => {
      const storm = new Storm(owner, aheadMs)
      for (const each of sequence) storm.play(each)
      storm.finish()
    }),
    { seed, numRuns },
  )
})
