// Law 2 where publications are put in front of a window or are missing from it: a cursor never skips or repeats,
// and a hub never guesses what it did not get.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber, textFormat } from '../../../helpers/fake-subscriber.ts'
import { Mesh } from '../../../helpers/mesh.ts'
import { publishAll, texts } from '../../../helpers/published.ts'

const kept = { history: { size: 100 } } as const

/** The hub of worker 1 never gets the next batch of the owner. */
function loseBatch(mesh: Mesh): void {
  mesh.turn()
  equal(mesh.link(0, 1).batches.splice(0).length, 1)
}

describe('law 2, a window that grows at the front', () => {
  test('frames that are shared by equal cursors hold what was put in front exactly once', () => {
    const mesh = new Mesh({ ...kept, workers: 1 })
    const positions = publishAll(mesh, 0, 'c0', texts(6))
    const slow = mesh.subscribe(0, 'c0')
    slow.writable = false
    publishAll(mesh, 0, 'c0', texts(2, 6))
    const crowd = [3, 1, 1].map(n => mesh.subscribe(0, 'c0', new FakeSubscriber(), positions[n]))
    mesh.publish(0, 'c0', '8')
    mesh.settle()
    deepEqual(
      crowd.map(({ offers }) => offers),
      [['4;5;6;7;8;'], ['2;3;4;5;6;7;8;'], ['2;3;4;5;6;7;8;']],
    )
    slow.writable = true
    mesh.engines[0]?.drained(slow)
    mesh.settle()
    deepEqual(slow.received, ['6', '7', '8'])
  })

  test('many that recover from one position share one encoding of each publication', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c0', texts(5))
    let encoded = 0
    const format = {
      id: 'counted',
      encode: (...args: Parameters<typeof textFormat.encode>) => {
        encoded++
        return textFormat.encode(...args)
      },
    }
    const join = () => mesh.subscribe(1, 'c0', new FakeSubscriber({ format }), positions[0])
    const crowd = [join(), join(), join()]
    mesh.settle()
    for (const { received } of crowd) deepEqual(received, ['1', '2', '3', '4'])
    equal(encoded, 4)
  })

  test('subscribers of different formats recover side by side', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c0', ['a', 'b', 'c'])
    const upper = {
      id: 'upper',
      encode: (...args: Parameters<typeof textFormat.encode>) =>
        Buffer.from(
          Buffer.from(textFormat.encode(...args))
            .toString()
            .toUpperCase(),
        ),
    }
    const lower = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    const shout = mesh.subscribe(1, 'c0', new FakeSubscriber({ format: upper }), positions[1])
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['d'])
    deepEqual(
      [lower.received, shout.received],
      [
        ['b', 'c', 'd'],
        ['C', 'D'],
      ],
    )
  })

  test('a recovery during a pass reaches its subscriber, and the pass goes on', () => {
    const mesh = new Mesh({ ...kept, workers: 1, settings: { sliceSubscribers: 2 } })
    const positions = publishAll(mesh, 0, 'c0', texts(3))
    const crowd = Array.from({ length: 7 }, () => mesh.subscribe(0, 'c0'))
    mesh.publish(0, 'c0', '3')
    mesh.turn()
    const joiner = mesh.subscribe(0, 'c0', new FakeSubscriber(), positions[0])
    mesh.publish(0, 'c0', '4')
    mesh.settle()
    deepEqual(joiner.received, ['1', '2', '3', '4'])
    ok(crowd.every(({ received }) => received.join() === '3,4'))
  })

  test('what was fetched for a subscriber that left meanwhile is not kept', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c0', texts(3))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const leaver = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    mesh.turn()
    mesh.engines[1]?.unsubscribe(leaver.subscription!) // set by subscribe
    mesh.settle()
    mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    equal(mesh.link(1, 0).queued.filter(([type]) => type === 'recover').length, 1)
  })
})

describe('law 2, disorder', () => {
  test('a hub that misses a publication gets it from history, and nobody notices', () => {
    const mesh = new Mesh(kept)
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['0'])
    mesh.publish(0, 'c0', 'lost')
    loseBatch(mesh)
    mesh.publish(0, 'c0', '2')
    mesh.turn()
    mesh.deliver(0, 1)
    mesh.publish(0, 'c0', '3')
    mesh.settle()
    deepEqual(subscriber.received, ['0', 'lost', '2', '3'])
    deepEqual([subscriber.gaps, subscriber.closedFor], [[], undefined])
    equal(mesh.engines[1]?.statistics().hub['disorders'], 1)
  })

  test('nothing behind the missing one is offered before it', () => {
    const mesh = new Mesh(kept)
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    mesh.publish(0, 'c0', 'lost')
    loseBatch(mesh)
    mesh.publish(0, 'c0', '1')
    mesh.turn()
    mesh.deliver(0, 1)
    mesh.turn()
    deepEqual(subscriber.received, [])
  })

  test('a subscriber that is behind keeps its place', () => {
    const mesh = new Mesh(kept)
    const slow = mesh.subscribe(1, 'c0')
    mesh.settle()
    slow.writable = false
    publishAll(mesh, 0, 'c0', ['0', '1'])
    mesh.publish(0, 'c0', 'lost')
    loseBatch(mesh)
    publishAll(mesh, 0, 'c0', ['3'])
    slow.writable = true
    mesh.engines[1]?.drained(slow)
    mesh.settle()
    deepEqual(slow.received, ['0', '1', 'lost', '3'])
  })

  test('a recovery that was under way is asked again', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c0', texts(3))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    mesh.publish(0, 'c0', '3')
    loseBatch(mesh)
    mesh.publish(0, 'c0', '4')
    mesh.turn()
    const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    mesh.settle()
    deepEqual([subscriber.received, subscriber.resumedWithGap], [texts(4, 1), false])
  })

  for (const tells of [true, false]) {
    test(`without history it is a gap, for a wire that ${tells ? 'can' : 'cannot'} say so`, () => {
      const mesh = new Mesh()
      const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber({ tells }))
      mesh.settle()
      publishAll(mesh, 0, 'c0', ['0'])
      mesh.publish(0, 'c0', 'lost')
      loseBatch(mesh)
      publishAll(mesh, 0, 'c0', ['2', '3'])
      equal(subscriber.gaps.length, 1)
      equal(subscriber.closedFor, tells ? undefined : 'gap')
      deepEqual(subscriber.received, tells ? ['0', '3'] : ['0'])
      equal(subscriber.gaps[0]?.offset, (subscriber.position?.offset ?? 0) + 3)
    })
  }
})

describe('law 1, a subscriber that publishes as it goes live', () => {
  for (const history of [0, 100]) {
    test(`gets its own publication and what it missed, with a history of ${history}`, () => {
      const mesh = new Mesh({ history: { size: history } })
      const positions = publishAll(mesh, 0, 'c0', texts(2))
      for (const slot of [0, 1]) {
        const subscriber = new FakeSubscriber()
        subscriber.onAttached = () => mesh.publish(slot, 'c0', `by ${slot}`)
        mesh.subscribe(slot, 'c0', subscriber, history === 0 ? undefined : positions[0])
        mesh.settle()
        equal(subscriber.closedFor, undefined)
        equal(subscriber.received.at(-1), `by ${slot}`)
        equal(subscriber.received.includes('1'), history > 0)
      }
    })
  }
})
