// Law 1 with a position: everything after it, then live, without gap or repeat; else a gap, and live from the head.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'

const kept = { history: { size: 100 } } as const

/** Questions for a range that wait for the end of the turn on the link from a hub to the owner. */
function questions(mesh: Mesh, from: number, to: number): number {
  return mesh.link(from, to).queued.filter(([type]) => type === 'recover').length
}

describe('law 1, recovery', () => {
  for (const [slot, where] of [
    [0, 'at the owner'],
    [1, 'over a link'],
  ] as const) {
    test(`a position is answered with everything after it, then live, ${where}`, () => {
      const mesh = new Mesh(kept)
      const positions = publishAll(mesh, 0, 'c0', texts(6))
      const subscriber = mesh.subscribe(slot, 'c0', new FakeSubscriber(), positions[2])
      mesh.settle()
      publishAll(mesh, 2, 'c0', texts(3, 6))
      deepEqual(subscriber.received, texts(6, 3))
      deepEqual([subscriber.resumedWithGap, subscriber.gaps], [false, []])
      equal(`${subscriber.position?.epoch}.${subscriber.position?.offset}`, positions[2])
    })

    test(`the head as position means live only, ${where}`, () => {
      const mesh = new Mesh(kept)
      const positions = publishAll(mesh, 0, 'c0', texts(3))
      const subscriber = mesh.subscribe(slot, 'c0', new FakeSubscriber(), positions[2])
      mesh.settle()
      publishAll(mesh, 2, 'c0', ['live'])
      deepEqual([subscriber.received, subscriber.resumedWithGap], [['live'], false])
    })

    test(`many recover from different positions, and each gets exactly its own rest, ${where}`, () => {
      const mesh = new Mesh(kept)
      const positions = publishAll(mesh, 0, 'c0', texts(20))
      const live = mesh.subscribe(slot, 'c0')
      mesh.settle()
      const order = [7, 19, 0, 12, 3, 18, 7, 1]
      const crowd = order.map(n => mesh.subscribe(slot, 'c0', new FakeSubscriber(), positions[n]))
      for (let n = 20; n < 25; n++) mesh.publish(0, 'c0', `${n}`)
      mesh.settle()
      crowd.forEach(({ received, resumedWithGap }, index) => {
        const next = (order[index] ?? 0) + 1
        deepEqual([received, resumedWithGap], [texts(25 - next, next), false])
      })
      deepEqual(live.received, texts(5, 20))
    })
  }

  test('what is published between question and answer arrives once and in order', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c0', texts(4))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[1])
    mesh.publish(0, 'c0', '4')
    mesh.turn()
    mesh.publish(0, 'c0', '5')
    mesh.deliver(1, 0)
    mesh.publish(0, 'c0', '6')
    mesh.turn()
    mesh.deliver(0, 1)
    deepEqual([subscriber.position, subscriber.received], [undefined, []])
    mesh.settle()
    deepEqual(subscriber.received, ['2', '3', '4', '5', '6'])
  })

  test('a position given while the channel is attaching is asked for once the hub has the channel', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c0', texts(3))
    const plain = mesh.subscribe(1, 'c0')
    const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    equal(questions(mesh, 1, 0), 0)
    mesh.turn()
    mesh.publish(0, 'c0', '3')
    mesh.deliver(1, 0)
    mesh.publish(0, 'c0', '4')
    mesh.settle()
    deepEqual(subscriber.received, ['1', '2', '3', '4'])
    deepEqual(plain.received, ['4'])
  })

  test('one answer serves all that wait for the same or for less; one that wants more asks after it', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c0', texts(6))
    mesh.subscribe(1, 'c0')
    publishAll(mesh, 0, 'c0', ['6'])
    const crowd = [2, 2, 4, 3].map(n => mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[n]))
    equal(questions(mesh, 1, 0), 1)
    const earlier = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    equal(questions(mesh, 1, 0), 1)
    mesh.settle()
    equal(mesh.engines[0]?.statistics().shard['recoveries'], 2)
    deepEqual(
      crowd.map(({ received }) => received[0]),
      ['3', '3', '5', '4'],
    )
    deepEqual(earlier.received, texts(6, 1))
    ok(crowd.every(({ received }) => received.at(-1) === '6'))
  })

  test('whoever joins without a position while a recovery is under way is live at once', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c0', texts(3))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const recovering = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    const joiner = mesh.subscribe(1, 'c0')
    ok(joiner.position)
    publishAll(mesh, 0, 'c0', ['3'])
    deepEqual([joiner.received, recovering.received], [['3'], ['1', '2', '3']])
  })

  test('what the window still holds is served without a question, even where nothing is kept', () => {
    const mesh = new Mesh()
    const slow = mesh.subscribe(1, 'c0')
    mesh.settle()
    slow.writable = false
    const positions = publishAll(mesh, 0, 'c0', texts(5))
    for (const n of [0, 2, 4]) {
      const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[n])
      equal(questions(mesh, 1, 0), 0, 'one that was taken is the last that is gone')
      mesh.settle()
      deepEqual([subscriber.received, subscriber.resumedWithGap], [texts(4 - n, n + 1), false])
    }
  })

  test('a subscriber that leaves before the answer is offered nothing', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c0', texts(3))
    const stays = mesh.subscribe(1, 'c0')
    mesh.settle()
    const leaver = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    mesh.turn()
    mesh.engines[1]?.unsubscribe(leaver.subscription!) // set by subscribe
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['3'])
    deepEqual([leaver.received, leaver.position, stays.received], [[], undefined, ['3']])
  })

  test('a recovery under way when the owner dies is asked of the next one', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c0', texts(3))
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    mesh.turn()
    const snapshot = mesh.engines[0]?.snapshot()
    mesh.kill(0)
    mesh.start(0, snapshot)
    mesh.settle()
    deepEqual([subscriber.received, subscriber.resumedWithGap], [['1', '2'], false])
  })

  test('a range longer than one write arrives whole, however the wire stops in between', () => {
    const mesh = new Mesh({ ...kept, settings: { flushBytesMax: 10 } })
    const positions = publishAll(mesh, 0, 'c0', texts(40))
    const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    subscriber.writable = false
    for (let round = 0; round < 40; round++) {
      mesh.settle()
      subscriber.writable = round % 3 === 0
      mesh.engines[1]?.drained(subscriber)
      mesh.publish(0, 'c0', `${40 + round}`)
    }
    subscriber.writable = true
    mesh.engines[1]?.drained(subscriber)
    mesh.settle()
    deepEqual(subscriber.received, texts(79, 1))
  })
})

describe('law 1, recovery by a bare offset', () => {
  const cases = [
    { name: 'the first offset of the epoch', before: 0, received: ['1', '2'], gap: false },
    { name: 'the one before the first: everything', before: 1, received: ['0', '1', '2'], gap: false },
    { name: 'older than the epoch', before: 2, received: [], gap: true },
  ]
  for (const { name, before, received, gap } of cases) {
    test(name, () => {
      const mesh = new Mesh(kept)
      const first = publishedOf(mesh.publish(0, 'c0', '0'))
      publishAll(mesh, 0, 'c0', ['1', '2'])
      const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber(), `${first.offset - before}`)
      mesh.settle()
      deepEqual([subscriber.received, subscriber.resumedWithGap], [received, gap])
    })
  }
})
