// Policy catch-up: a subscriber that is too far behind gives up its place, and continues from history when its wire
// drains; where history no longer reaches back, it is told the gap.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { Mesh, type MeshOptions } from '../../../helpers/mesh.ts'
import { publishAll, texts } from '../../../helpers/published.ts'

/** A worker, and a subscriber whose wire is behind by ten bytes of a hundred that it may be. */
function scene(tells: boolean, more: MeshOptions = {}): { mesh: Mesh; slow: FakeSubscriber } {
  const settings = { policy: 'catch-up', outboxBytesMax: 100 } as const
  const mesh = new Mesh({ workers: 1, ...more, settings })
  const slow = mesh.subscribe(0, 'c', new FakeSubscriber({ tells }))
  slow.writable = false
  publishAll(mesh, 0, 'c', ['0'.padEnd(9, '.')])
  return { mesh, slow }
}

/** Publishes, each thirty bytes long. */
function publish(mesh: Mesh, count: number, from: number): string[] {
  return publishAll(
    mesh,
    0,
    'c',
    texts(count, from).map(text => text.padEnd(30, '.')),
  )
}

function drain(mesh: Mesh, subscriber: FakeSubscriber): void {
  subscriber.writable = true
  mesh.engines[0]?.drained(subscriber)
  mesh.settle()
}

function numbers(subscriber: FakeSubscriber): number[] {
  return subscriber.received.map(text => Number.parseInt(text, 10))
}

function counted(mesh: Mesh, name: string): number | undefined {
  return mesh.engines[0]?.statistics().hub[name]
}

describe('policy catch-up', () => {
  const remembering = { history: { size: 10 } }

  test('beyond the bound it continues from history when its wire drains, and misses nothing', () => {
    const { mesh, slow } = scene(false, remembering)
    publish(mesh, 8, 1)
    equal(counted(mesh, 'parked'), 1)
    drain(mesh, slow)
    publish(mesh, 1, 9)
    deepEqual([numbers(slow), slow.gaps, slow.closedFor], [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [], undefined])
  })

  test('while it is parked the worker holds nothing for it', () => {
    const { mesh, slow } = scene(false, remembering)
    const positions = publish(mesh, 8, 1)
    const asked = () => mesh.engines[0]?.statistics().shard['recoveries'] ?? 0
    const before = asked()
    mesh.subscribe(0, 'c', new FakeSubscriber(), positions[6])
    equal(asked() - before, 1, 'the window is trimmed: the owner had to be asked')
    drain(mesh, slow)
    equal(numbers(slow).length, 9)
  })

  test('it may be parked again and again', () => {
    const { mesh, slow } = scene(false, remembering)
    for (let round = 0; round < 5; round++) {
      publish(mesh, 6, 1 + round * 6)
      drain(mesh, slow)
      slow.writable = false
    }
    equal(counted(mesh, 'parked'), 5)
    deepEqual(
      numbers(slow),
      texts(31).map(text => Number(text)),
    )
  })

  for (const tells of [true, false]) {
    test(`what history no longer covers is a gap: the wire ${tells ? 'is told' : 'that cannot say it is closed'}`, () => {
      const { mesh, slow } = scene(tells, remembering)
      const positions = publish(mesh, 15, 1)
      drain(mesh, slow)
      publish(mesh, 1, 16)
      deepEqual([numbers(slow), slow.closedFor], tells ? [[0, 16], undefined] : [[0], 'gap'])
      deepEqual(
        slow.gaps.map(({ epoch, offset }) => `${epoch}.${offset}`),
        [positions[14]],
      )
      deepEqual([counted(mesh, 'gapsTold'), counted(mesh, 'closed.gap')], tells ? [1, 0] : [0, 1])
    })
  }
})

describe('policy catch-up, over a link', () => {
  /** A parked subscriber of worker 1, with 0 taken and 1 to 8 to be had from history. */
  function parked(): { mesh: Mesh; slow: FakeSubscriber } {
    const mesh = new Mesh({ history: { size: 20 }, settings: { policy: 'catch-up', outboxBytesMax: 100 } })
    const slow = mesh.subscribe(1, 'c0')
    mesh.settle()
    slow.writable = false
    publishAll(mesh, 0, 'c0', ['0', ...texts(8, 1).map(text => text.padEnd(30, '.'))])
    slow.writable = true
    return { mesh, slow }
  }

  test('it continues from the history of the owner, with what came meanwhile', () => {
    const { mesh, slow } = parked()
    mesh.engines[1]?.drained(slow)
    mesh.publish(0, 'c0', '9')
    mesh.settle()
    deepEqual(numbers(slow), texts(10).map(Number))
  })

  test('a wire that drains again before the answer changes nothing', () => {
    const { mesh, slow } = parked()
    mesh.engines[1]?.drained(slow)
    slow.wire.offered(Buffer.from('x'), false, mesh.clock)
    mesh.engines[1]?.drained(slow)
    mesh.publish(0, 'c0', '9')
    mesh.settle()
    deepEqual(numbers(slow), texts(10).map(Number))
  })

  test('one that drains while the owner is away continues when there is one', () => {
    const { mesh, slow } = parked()
    const snapshot = mesh.engines[0]?.snapshot()
    mesh.kill(0)
    mesh.engines[1]?.drained(slow)
    mesh.settle()
    deepEqual(numbers(slow), [0])
    mesh.start(0, snapshot)
    mesh.settle()
    publishAll(mesh, 2, 'c0', ['9'])
    deepEqual([numbers(slow), slow.gaps], [texts(10).map(Number), []])
  })

  test('one that is parked when the owner dies without a trace is told the gap when it drains', () => {
    const { mesh, slow } = parked()
    mesh.kill(0, { farewell: false })
    mesh.start(0)
    mesh.settle()
    deepEqual([slow.closedFor, numbers(slow)], [undefined, [0]])
    equal(mesh.engines[0]?.statistics().shard['recoveries'], 0, 'nothing is fetched for a wire that is full')
    mesh.engines[1]?.drained(slow)
    mesh.settle()
    deepEqual([slow.closedFor, slow.gaps.length], ['gap', 1])
  })
})
