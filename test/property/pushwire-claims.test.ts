// Connections of one client id, at any worker and over any transport: whatever the order in which their claims arrive, whichever
// workers die meanwhile, exactly one stays, and it is the one whose authentication passed last.
// RINGCAST_SEED repeats a run, RINGCAST_CLAIMS_RUNS makes it longer.
import { deepEqual, ok } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Connection, Scene } from '../helpers/pushwire/scene.ts'

const workers = 3
const slot = fc.nat(workers - 1)

type Op =
  /** At that worker; `reads`: whether it takes what it is sent. */
  | { readonly op: 'connect'; readonly slot: number; readonly reads: boolean }
  | { readonly op: 'leave'; readonly index: number }
  | { readonly op: 'deliver'; readonly from: number; readonly to: number }
  | { readonly op: 'turn'; readonly slot: number }
  | { readonly op: 'pass'; readonly ms: number }
  | { readonly op: 'die'; readonly slot: number; readonly farewell: boolean }
  | { readonly op: 'publish'; readonly slot: number }
  | { readonly op: 'settle' }

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: fc.constant('connect'), slot, reads: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('leave'), index: fc.nat(20) }) },
  { weight: 12, arbitrary: fc.record({ op: fc.constant('deliver'), from: slot, to: slot }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('turn'), slot }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('pass'), ms: fc.constantFrom(0, 1, 20, 300) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('die'), slot, farewell: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('publish'), slot }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('settle') }) },
)

class Storm {
  readonly scene: Scene
  readonly connections: { readonly slot: number; readonly connection: Connection; isGone: boolean }[] = []

  /** `owner`: the home of the id. */
  constructor(owner: number) {
    this.scene = new Scene({ workers, ownerOf: () => owner })
  }

  play(op: Op): void {
    const { mesh } = this.scene
    switch (op.op) {
      case 'connect': {
        const connection = new Connection()
        connection.takes = op.reads
        this.connections.push({ slot: op.slot, connection, isGone: false })
        this.scene.open({}, op.slot, connection)
        break
      }
      case 'leave': {
        const one = this.connections[op.index % Math.max(1, this.connections.length)]
        if (one !== undefined) this.#gone(one)
        break
      }
      case 'deliver':
        mesh.deliver(op.from, op.to)
        break
      case 'turn':
        mesh.turn(op.slot)
        break
      case 'pass':
        mesh.advance(op.ms)
        break
      case 'die':
        mesh.kill(op.slot, { farewell: op.farewell })
        for (const one of this.connections) if (one.slot === op.slot) this.#gone(one)
        mesh.start(op.slot)
        break
      case 'publish':
        this.scene.publish('chat', [1], op.slot)
        break
      case 'settle':
        mesh.settle()
        break
      default:
        op satisfies never
    }
  }

  #gone(one: (typeof this.connections)[number]): void {
    one.isGone = true
    one.connection.session?.leave()
  }

  finish(): void {
    const { mesh } = this.scene
    for (let times = 0; times < 8; times++) {
      mesh.settle()
      mesh.advance(300)
    }
    mesh.settle()
    const staying = this.connections.filter(
      ({ connection, isGone }) => !isGone && connection.endings.length === 0,
    )
    const newest = this.connections.at(-1)
    if (newest !== undefined && !newest.isGone) {
      deepEqual(newest.connection.endings, [], 'the newest was ended')
      ok(newest.connection.hasBegun, 'the newest was not let in')
    }
    ok(staying.length <= 1, `${staying.length} stay`)
    for (const { connection } of this.connections) {
      ok(
        connection.endings.every(ending => ending === 'replaced'),
        connection.endings.join(),
      )
      ok(connection.endings.length <= 1, 'ended twice')
    }
    const { sessions } = this.scene.counters
    ok(sessions === staying.length, `${sessions} sessions, ${staying.length} stay`)
  }
}

test('of all connections of an id exactly the newest stays', t => {
  const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
  const numRuns = Number(process.env['RINGCAST_CLAIMS_RUNS'] ?? 400)
  t.diagnostic(`seed ${seed}, ${numRuns} sequences`)
  const ops = fc.array(op, { minLength: 5, maxLength: 60, size: 'max' })
  fc.assert(
    fc.property(slot, ops, (owner, sequence) => {
      const storm = new Storm(owner)
      for (const each of sequence) storm.play(each)
      storm.finish()
    }),
    { seed, numRuns },
  )
})
