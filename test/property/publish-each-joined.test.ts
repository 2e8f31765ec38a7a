// What is published to a group of private channels by workers of two nodes that share a broker: whoever was there before has
// it once in the end, or was told a gap, whatever is delivered late, whichever workers end and whatever the broker forgets.
// RINGCAST_SEED repeats a run, RINGCAST_EACH_RUNS makes it longer.
import { deepEqual, ok } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { privateChannel } from '../../src/engine/words/private.ts'
import { GroupScene, group } from '../helpers/cluster/group-scene.ts'
import { FakeSubscriber } from '../helpers/fake-subscriber.ts'

const place = { node: fc.nat(1), slot: fc.nat(1) }

type Place = { readonly node: number; readonly slot: number }
type Op =
  /** The first key is for both nodes, of the others each has its own. */
  | ({ readonly op: 'watch'; readonly key: number } & Place)
  | { readonly op: 'leave' | 'block' | 'drain'; readonly index: number }
  | ({ readonly op: 'each' | 'deliver' | 'turn' | 'cut' } & Place)
  | ({ readonly op: 'own'; readonly key: number } & Place)
  | ({ readonly op: 'die'; readonly farewell: boolean } & Place)
  | { readonly op: 'restart'; readonly how: 'whole' | 'empty' | 'behind' }
  | { readonly op: 'pass'; readonly ms: number }
  | { readonly op: 'settle' }

function opOf(name: string, fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Op> {
  return fc.record({ op: fc.constant(name), ...fields }) as fc.Arbitrary<Op> // as the union says
}

const key = fc.nat(3)
const index = { index: fc.nat(20) }
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: opOf('watch', { ...place, key }) },
  { weight: 1, arbitrary: opOf('leave', index) },
  { weight: 1, arbitrary: opOf('block', index) },
  { weight: 1, arbitrary: opOf('drain', index) },
  { weight: 10, arbitrary: opOf('each', place) },
  { weight: 3, arbitrary: opOf('own', { ...place, key }) },
  { weight: 12, arbitrary: opOf('deliver', place) },
  { weight: 12, arbitrary: opOf('turn', place) },
  { weight: 1, arbitrary: opOf('die', { ...place, farewell: fc.boolean() }) },
  { weight: 2, arbitrary: opOf('cut', place) },
  { weight: 1, arbitrary: opOf('restart', { how: fc.constantFrom('whole', 'empty', 'behind') }) },
  { weight: 4, arbitrary: opOf('pass', { ms: fc.constantFrom(0, 20, 300, 80_000) }) },
  { weight: 4, arbitrary: opOf('settle', {}) },
)

interface Reader extends Place {
  readonly key: string
  readonly subscriber: FakeSubscriber
  /** What was published after it went live. */
  readonly wanted: string[]
  isGone: boolean
}

class Run {
  readonly scene = new GroupScene()
  readonly readers: Reader[] = []
  readonly taken = new Set<string>()
  #texts = 0

  play(each: Op): void {
    const { scene } = this
    switch (each.op) {
      case 'watch':
        this.#watch(each, keyOf(each))
        break
      case 'leave':
      case 'block':
      case 'drain':
        this.#move(each.op, this.readers[each.index % Math.max(1, this.readers.length)])
        break
      case 'each':
        this.#each(each)
        break
      case 'own': {
        const channel = privateChannel(group, keyOf(each))
        scene.mesh(each.node).publishTo(each.slot, channel, `own ${++this.#texts}`)
        break
      }
      case 'deliver':
        scene.mesh(each.node).deliver(each.slot, 1 - each.slot)
        break
      case 'turn':
        scene.mesh(each.node).turn(each.slot)
        break
      case 'die':
        this.#die(each, each.farewell)
        break
      case 'cut': {
        // It comes back by itself.
        const carrier = scene.nodes[each.node]?.carriers[each.slot]
        for (let lane = 0; lane < (carrier?.lanes ?? 0); lane++) carrier?.cut(lane)
        break
      }
      case 'restart':
        for (const carrier of scene.cluster.carriers)
          for (let lane = 0; lane < carrier.lanes; lane++) carrier.cut(lane)
        for (const lane of scene.cluster.lanes) lane.restart(each.how)
        break
      case 'pass':
        scene.clock.advance(each.ms)
        for (const mesh of scene.meshes) mesh.advance(each.ms)
        break
      case 'settle':
        scene.settle()
        break
      default:
        each satisfies never
    }
  }

  finish(): void {
    const { scene } = this
    for (const reader of this.readers) this.#move('drain', reader)
    for (let times = 0; times < 4; times++) scene.advance(300)
    for (const { subscriber, wanted, isGone, key: of, node } of this.readers) {
      const { received, gaps, closedFor } = subscriber
      const who = `${of} at node ${node}: ${received.join()}`
      deepEqual(new Set(received).size, received.length, `twice, ${who}`)
      if (isGone || closedFor !== undefined) continue
      const missing = wanted.filter(text => this.taken.has(text) && !received.includes(text))
      ok(missing.length === 0 || gaps.length > 0, `${missing.join()} is missing, ${who}`)
      if (of !== 'k0') this.#inOrder(received, who)
    }
  }

  /** Of each publisher. */
  #inOrder(received: readonly string[], who: string): void {
    for (const publisher of ['each 00', 'each 01', 'each 10', 'each 11']) {
      const numbers = received
        .filter(text => text.startsWith(publisher))
        .map(text => Number(text.split(' ')[2]))
      deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
        `out of order, ${who}`,
      )
    }
  }

  #watch({ node, slot }: Place, of: string): void {
    const subscriber = new FakeSubscriber({ tells: true, rest: true })
    this.scene.mesh(node).subscribeTo(slot, privateChannel(group, of), subscriber)
    this.readers.push({ node, slot, key: of, subscriber, wanted: [], isGone: false })
  }

  #move(how: 'leave' | 'block' | 'drain', reader: Reader | undefined): void {
    if (reader === undefined || reader.isGone) return
    const { subscriber, node, slot } = reader
    const engine = this.scene.mesh(node).engines[slot]
    subscriber.writable = how !== 'block'
    if (how === 'drain') engine?.drained(subscriber)
    if (how !== 'leave') return
    reader.isGone = true
    engine?.leave(subscriber)
  }

  #each({ node, slot }: Place): void {
    const text = `each ${node}${slot} ${++this.#texts}`
    for (const { subscriber, wanted } of this.readers)
      if (subscriber.position !== undefined) wanted.push(text)
    const content = { kind: 'text', payload: Buffer.from(text) } as const
    this.scene.mesh(node).engines[slot]?.publishEach({ group, content, via: 'test' }, outcome => {
      if (typeof outcome === 'object') this.taken.add(text)
    })
  }

  #die({ node, slot }: Place, farewell: boolean): void {
    const mesh = this.scene.mesh(node)
    mesh.kill(slot, { farewell })
    for (const reader of this.readers) if (reader.node === node && reader.slot === slot) reader.isGone = true
    mesh.start(slot)
  }
}

function keyOf({ node, key: number }: Place & { readonly key: number }): string {
  return number === 0 ? 'k0' : `n${node}k${number}`
}

test('whoever was there has what was published to the group once, or was told a gap', t => {
  const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
  const numRuns = Number(process.env['RINGCAST_EACH_RUNS'] ?? 60)
  t.diagnostic(`seed ${seed}, ${numRuns} sequences`)
  const ops = fc.array(op, { minLength: 10, maxLength: 80, size: 'max' })
  fc.assert(
    fc.property(ops, sequence => {
      const run = new Run()
      for (const each of sequence) run.play(each)
      run.finish()
    }),
    { seed, numRuns },
  )
})
