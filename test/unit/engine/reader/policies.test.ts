// What becomes of a slow subscriber under each policy: by bytes and by age, on both sides of each bound, counted, and
// told where the wire can say it.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Wire } from '../../../../src/engine/reader/wire.ts'
import type { Policy } from '../../../../src/engine/words/namespace.ts'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { Mesh, type MeshOptions } from '../../../helpers/mesh.ts'
import { publishAll, texts } from '../../../helpers/published.ts'

/** A worker, and a subscriber whose wire is behind by ten bytes of a hundred that it may be. */
function scene(policy: Policy, tells: boolean, more: MeshOptions = {}): { mesh: Mesh; slow: FakeSubscriber } {
  const settings = { policy, outboxBytesMax: 100, outboxAgeMsMax: 1_000, ...more.settings }
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

describe('every policy', () => {
  for (const policy of ['disconnect', 'drop-oldest', 'latest', 'catch-up'] as const) {
    test(`${policy}: taking nothing for too long ends a subscriber, taking a little does not`, () => {
      const { mesh, slow } = scene(policy, true, { history: { size: 100 } })
      publish(mesh, 2, 1)
      mesh.clock.advance(1_000)
      equal(slow.closedFor, undefined)
      mesh.engines[0]?.drained(slow)
      mesh.settle()
      mesh.clock.advance(1_000)
      equal(slow.closedFor, undefined)
      mesh.clock.advance(250)
      equal(slow.closedFor, 'slow')
      equal(counted(mesh, 'closed.slow'), 1)
    })

    test(`${policy}: a wire that takes some of a large write in time is not too old`, () => {
      const { mesh, slow } = scene(policy, true)
      for (let round = 0; round < 5; round++) {
        mesh.clock.advance(900)
        slow.wire.progressed(mesh.clock)
      }
      mesh.clock.advance(1_000)
      equal(slow.closedFor, undefined)
      mesh.clock.advance(250)
      equal(slow.closedFor, 'slow')
    })

    test(`${policy}: up to the bound nothing is dropped or told`, () => {
      const { mesh, slow } = scene(policy === 'latest' ? 'drop-oldest' : policy, true, {
        history: { size: 100 },
      })
      publish(mesh, 3, 1)
      drain(mesh, slow)
      deepEqual([numbers(slow), slow.gaps, slow.closedFor], [[0, 1, 2, 3], [], undefined])
      deepEqual([counted(mesh, 'dropped'), counted(mesh, 'parked')], [0, 0])
    })

    test(`${policy}: what was written last does not count, and one publication may wait, however large`, () => {
      const mesh = new Mesh({ workers: 1, settings: { policy, outboxBytesMax: 100 } })
      const slow = mesh.subscribe(0, 'c', new FakeSubscriber({ tells: true }))
      slow.writable = false
      publishAll(mesh, 0, 'c', ['0'.padEnd(500, '.'), '1'.padEnd(500, '.')])
      drain(mesh, slow)
      deepEqual([numbers(slow), slow.gaps, slow.closedFor], [[0, 1], [], undefined])
    })
  }
})

describe('policy disconnect', () => {
  test('a subscriber too many bytes behind is closed, one just within the bound is not', () => {
    const mesh = new Mesh({ workers: 1, settings: { outboxBytesMax: 100 } })
    const slow = mesh.subscribe(0, 'c0')
    slow.writable = false
    mesh.publish(0, 'c0', 'under way')
    mesh.settle()
    mesh.publish(0, 'c0', 'x'.repeat(50))
    mesh.settle()
    mesh.publish(0, 'c0', 'x'.repeat(50))
    mesh.settle()
    equal(slow.closedFor, undefined)
    mesh.publish(0, 'c0', 'x')
    mesh.settle()
    equal(slow.closedFor, 'slow')
    deepEqual(mesh.engines[0]?.statistics().hub['closed.slow'], 1)
    deepEqual(mesh.losses, [{ kind: 'closed', reason: 'slow', bound: 'outboxBytes', channel: 'c0' }])
  })

  test('a subscriber that takes nothing for too long is closed', () => {
    const mesh = new Mesh({ workers: 1, settings: { outboxAgeMsMax: 1_000 } })
    const slow = mesh.subscribe(0, 'c0')
    slow.writable = false
    mesh.publish(0, 'c0', 'x')
    mesh.settle()
    mesh.clock.advance(900)
    equal(slow.closedFor, undefined)
    mesh.clock.advance(500)
    equal(slow.closedFor, 'slow')
  })
})

describe('policy drop-oldest', () => {
  for (const tells of [true, false]) {
    test(`beyond the bound the oldest go, and the wire ${tells ? 'is told once' : 'that cannot say it goes on'}`, () => {
      const { mesh, slow } = scene('drop-oldest', tells)
      publish(mesh, 5, 1)
      drain(mesh, slow)
      publish(mesh, 1, 6)
      deepEqual([numbers(slow), slow.closedFor], [[0, 3, 4, 5, 6], undefined])
      deepEqual([counted(mesh, 'dropped'), counted(mesh, 'gapsTold')], [2, tells ? 1 : 0])
      equal(slow.gaps.length, 1)
      equal(slow.gaps[0]?.offset, (slow.position?.offset ?? 0) + 3)
      deepEqual(mesh.losses, [{ kind: 'skipped', channel: 'c' }])
    })
  }

  test('a publication that alone is too large for what is left is dropped as well', () => {
    const { mesh, slow } = scene('drop-oldest', true)
    publishAll(mesh, 0, 'c', ['1'.repeat(91)])
    publish(mesh, 1, 2)
    drain(mesh, slow)
    deepEqual([numbers(slow), slow.gaps.length], [[0, 2], 1])
  })

  test('the newest stays, however large it is', () => {
    const { mesh, slow } = scene('drop-oldest', true)
    publish(mesh, 2, 1)
    publishAll(mesh, 0, 'c', ['3'.padEnd(500, '.')])
    drain(mesh, slow)
    deepEqual([numbers(slow), slow.gaps.length, counted(mesh, 'dropped')], [[0, 3], 1, 2])
  })

  test('a quick subscriber of the channel loses nothing', () => {
    const { mesh } = scene('drop-oldest', true)
    const quick = mesh.subscribe(0, 'c', new FakeSubscriber({ tells: true }))
    publish(mesh, 20, 1)
    deepEqual([numbers(quick).length, quick.gaps], [20, []])
  })
})

describe('policy latest', () => {
  for (const tells of [true, false]) {
    test(`a wire that is behind gets the newest only, ${tells ? 'after a told gap' : 'though it cannot say so'}`, () => {
      const { mesh, slow } = scene('latest', tells)
      publish(mesh, 9, 1)
      drain(mesh, slow)
      publish(mesh, 1, 10)
      deepEqual([numbers(slow), slow.closedFor], [[0, 9, 10], undefined])
      deepEqual([counted(mesh, 'dropped'), counted(mesh, 'gapsTold')], [8, tells ? 1 : 0])
      deepEqual(mesh.losses, [])
    })
  }

  test('one publication behind is no gap', () => {
    const { mesh, slow } = scene('latest', true)
    publish(mesh, 1, 1)
    drain(mesh, slow)
    deepEqual([numbers(slow), slow.gaps], [[0, 1], []])
  })
})

describe('the bound of a worker', () => {
  test('beyond it those that are furthest behind are closed, and no more than it takes', () => {
    const mesh = new Mesh({ workers: 1, settings: { workerBytesMax: 1_020 } })
    const crowd = ['a', 'b', 'c'].map(name => mesh.subscribe(0, name))
    const quick = mesh.subscribe(0, 'b')
    for (const subscriber of crowd) subscriber.writable = false
    const sizes = [200, 500, 300]
    for (const name of ['a', 'b', 'c']) publishAll(mesh, 0, name, ['taken'])
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      publishAll(mesh, 0, name, ['x'.repeat(sizes[index] ?? 0)])
    }
    mesh.clock.advance(250)
    deepEqual(
      crowd.map(({ closedFor }) => closedFor),
      [undefined, undefined, undefined],
    )
    publishAll(mesh, 0, 'a', ['!'.repeat(30)])
    mesh.clock.advance(250)
    deepEqual(
      crowd.map(({ closedFor }) => closedFor),
      [undefined, 'slow', undefined],
    )
    deepEqual([quick.received.length, quick.closedFor], [2, undefined])
  })

  test('counts what is under way: once where it is kept, for each where it is copied', () => {
    for (const [copies, open] of [
      [false, 10],
      [true, 3],
    ] as const) {
      const mesh = new Mesh({ workers: 1, settings: { workerBytesMax: 31_000 } })
      const crowd = Array.from({ length: 10 }, () => {
        const subscriber = Object.assign(new FakeSubscriber(), { wire: new Wire({ copies }) })
        subscriber.writable = false
        return mesh.subscribe(0, 'c', subscriber)
      })
      publishAll(mesh, 0, 'c', ['x'.repeat(10_000)])
      mesh.clock.advance(250)
      equal(crowd.filter(({ closedFor }) => closedFor === undefined).length, open, `copies: ${copies}`)
    }
  })
})
