// Laws 7 and 8 with history: what a worker's end means for those that hear its last words, for those that do not, and
// for the numbering that follows.
import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'

const kept = { history: { size: 100 } } as const

/** A subscriber at worker 1 that has seen three publications, and where they stand. */
function scene(mesh: Mesh, tells = false): { subscriber: FakeSubscriber; positions: string[] } {
  const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber({ tells }))
  mesh.settle()
  return { subscriber, positions: publishAll(mesh, 2, 'c0', texts(3)) }
}

describe('law 7, farewell and snapshot', () => {
  test('with both, subscribers go on and old positions stay good', () => {
    const mesh = new Mesh(kept)
    const { subscriber, positions } = scene(mesh)
    const snapshot = mesh.engines[0]?.snapshot()
    mesh.kill(0)
    mesh.start(0, snapshot)
    mesh.settle()
    publishAll(mesh, 2, 'c0', ['3'])
    const late = mesh.subscribe(2, 'c0', new FakeSubscriber(), positions[0])
    mesh.settle()
    deepEqual([subscriber.received, subscriber.gaps, subscriber.closedFor], [texts(4), [], undefined])
    deepEqual([late.received, late.resumedWithGap], [texts(3, 1), false])
  })

  test('with the farewell alone they go on, and positions before it are gaps', () => {
    const mesh = new Mesh(kept)
    const { subscriber, positions } = scene(mesh)
    mesh.kill(0)
    mesh.start(0)
    mesh.settle()
    publishAll(mesh, 2, 'c0', ['3'])
    const [old, head] = [1, 2].map(n => mesh.subscribe(2, 'c0', new FakeSubscriber(), positions[n]))
    mesh.settle()
    deepEqual([subscriber.received, subscriber.gaps], [texts(4), []])
    deepEqual([old?.resumedWithGap, old?.received], [true, []])
    deepEqual([head?.resumedWithGap, head?.received], [false, ['3']])
  })

  test('with the snapshot alone they get what they missed and go on', () => {
    const mesh = new Mesh(kept)
    const { subscriber } = scene(mesh)
    mesh.publish(0, 'c0', 'never sent')
    const snapshot = mesh.engines[0]?.snapshot()
    mesh.kill(0, { farewell: false })
    mesh.start(0, snapshot)
    mesh.settle()
    publishAll(mesh, 2, 'c0', ['4'])
    deepEqual(subscriber.received, ['0', '1', '2', 'never sent', '4'])
    deepEqual([subscriber.gaps, subscriber.closedFor], [[], undefined])
  })

  for (const tells of [true, false]) {
    test(`with neither it is a gap, and the wire ${tells ? 'goes on' : 'is closed'}`, () => {
      const mesh = new Mesh(kept)
      const { subscriber, positions } = scene(mesh, tells)
      mesh.kill(0, { farewell: false })
      mesh.start(0)
      mesh.settle()
      publishAll(mesh, 2, 'c0', ['after'])
      deepEqual([subscriber.gaps.length, subscriber.closedFor], [1, tells ? undefined : 'gap'])
      deepEqual(subscriber.received, tells ? [...texts(3), 'after'] : texts(3))
      const late = mesh.subscribe(2, 'c0', new FakeSubscriber(), positions[2])
      mesh.settle()
      equal(late.resumedWithGap, true, 'a lost epoch is always a gap')
    })
  }

  test('a channel that the link was too full for is not vouched for, but a snapshot still covers it', () => {
    for (const withSnapshot of [true, false]) {
      const mesh = new Mesh({ ...kept, settings: { linkBytesMax: 300 } })
      const tellers = ['c0', 'd0'].map(name => mesh.subscribe(1, name, new FakeSubscriber({ tells: true })))
      mesh.settle()
      for (const text of texts(6)) mesh.publish(0, 'c0', text.padEnd(60, 'x'))
      const snapshot = withSnapshot ? mesh.engines[0]?.snapshot() : []
      mesh.kill(0)
      mesh.start(0, snapshot)
      mesh.settle()
      publishAll(mesh, 2, 'd0', ['d'])
      deepEqual([tellers[1]?.gaps, tellers[1]?.received], [[], ['d']])
      equal(tellers[0]?.gaps.length, withSnapshot ? 0 : 1)
      equal(tellers[0]?.received.length === 6, withSnapshot)
    }
  })

  test('a second death before anybody is back changes nothing for those that heard the farewell', () => {
    const mesh = new Mesh()
    const { subscriber } = scene(mesh)
    mesh.kill(0)
    mesh.start(0)
    mesh.kill(0)
    mesh.start(0)
    mesh.settle()
    publishAll(mesh, 2, 'c0', ['3'])
    deepEqual([subscriber.received, subscriber.closedFor], [texts(4), undefined])
  })

  test('more channels than may be idle are all taken over', () => {
    for (const withSnapshot of [true, false]) {
      const mesh = new Mesh({ settings: { idleChannelsMax: 2 } })
      const names = ['a0', 'b0', 'c0', 'd0', 'e0']
      const crowd = names.map(name => mesh.subscribe(1, name))
      mesh.settle()
      for (const name of names) mesh.publish(0, name, '0')
      mesh.settle()
      const snapshot = withSnapshot ? mesh.engines[0]?.snapshot() : []
      mesh.kill(0, { farewell: !withSnapshot })
      mesh.start(0, snapshot)
      mesh.settle()
      for (const name of names) mesh.publish(2, name, '1')
      mesh.settle()
      for (const { received, closedFor } of crowd) deepEqual([received, closedFor], [['0', '1'], undefined])
    }
  })

  test('whoever hears the farewell and whoever does not part ways: only the latter has a gap', () => {
    const mesh = new Mesh()
    const { subscriber } = scene(mesh, true)
    const deaf = mesh.subscribe(2, 'c0', new FakeSubscriber({ tells: true }))
    mesh.settle()
    mesh.publish(0, 'c0', '3')
    mesh.retire(0)
    mesh.link(0, 2).batches.length = 0
    mesh.end(0)
    mesh.start(0)
    mesh.settle()
    publishAll(mesh, 1, 'c0', ['4'])
    deepEqual([subscriber.received, subscriber.gaps], [texts(5), []])
    deepEqual([deaf.received, deaf.gaps.length], [['4'], 1])
  })

  test('a worker that retires before it heard from all others never opens', () => {
    const mesh = new Mesh()
    mesh.kill(0)
    mesh.opened.length = 0
    const engine = mesh.start(0)
    engine.retire()
    for (const slot of [1, 2]) engine.linkDown(slot)
    deepEqual(mesh.opened, [])
  })

  test('after an append that threw half way nothing is vouched for, whatever is appended before the end', () => {
    const mesh = new Mesh()
    const { subscriber } = scene(mesh, true)
    const link = mesh.link(0, 1)
    const { send } = link
    link.send = () => {
      throw new Error('a bug')
    }
    throws(() => mesh.publish(0, 'c0', 'never sent'), /a bug/)
    link.send = send
    publishedOf(mesh.publish(0, 'd0', 'good'))
    mesh.kill(0)
    mesh.start(0)
    mesh.settle()
    publishAll(mesh, 2, 'c0', ['after'])
    deepEqual([subscriber.received, subscriber.gaps.length], [[...texts(3), 'after'], 1])
  })

  test('a subscriber that waits for an owner that does not come is closed when its patience ends', () => {
    const mesh = new Mesh({ settings: { attachTimeoutMs: 1_000 } })
    mesh.kill(0)
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.clock.advance(900)
    equal(subscriber.closedFor, undefined)
    mesh.clock.advance(600)
    equal(subscriber.closedFor, 'owner-lost')
  })
})

describe('law 8, seed', () => {
  test('a new epoch begins 2^18 beyond what hubs know, though the clock went back', () => {
    const mesh = new Mesh()
    const { subscriber } = scene(mesh, true)
    const before = publishedOf(mesh.publish(0, 'c0', 'x'))
    mesh.settle()
    mesh.kill(0, { farewell: false })
    mesh.clock.epochMs -= 3_600_000
    mesh.start(0)
    mesh.settle()
    const after = publishedOf(mesh.publish(0, 'c0', 'y'))
    mesh.settle()
    ok(after.epoch !== before.epoch)
    equal(after.offset, before.offset + 1 + 2 ** 18)
    deepEqual(subscriber.received.slice(-2), ['x', 'y'])
  })

  test('the hub that knows most decides, in whatever order they attach', () => {
    for (const behind of [1, 2]) {
      const mesh = new Mesh()
      for (const slot of [1, 2]) mesh.subscribe(slot, 'c0', new FakeSubscriber({ tells: true }))
      mesh.settle()
      publishAll(mesh, 0, 'c0', ['both'])
      const { offset } = publishedOf(mesh.publish(0, 'c0', 'one'))
      mesh.turn()
      mesh.link(0, behind).batches.length = 0
      mesh.kill(0, { farewell: false })
      mesh.clock.epochMs -= 3_600_000
      mesh.start(0)
      mesh.settle()
      equal(
        publishedOf(mesh.publish(0, 'c0', 'next')).offset,
        offset + 1 + 2 ** 18,
        `worker ${behind} knows less`,
      )
    }
  })

  test('a bare offset that a lost owner gave out, and no hub was sent, is told a gap', () => {
    const mesh = new Mesh({ workers: 2, ownerOf: () => 0, history: { size: 100 } })
    mesh.subscribe(1, 'c', new FakeSubscriber({ tells: true }))
    mesh.settle()
    const lost = texts(50).map(text => publishedOf(mesh.publish(0, 'c', text)))
    mesh.clock.epochMs -= 3_600_000
    mesh.kill(0, { farewell: false })
    mesh.start(0)
    mesh.settle()
    for (const text of texts(60)) publishedOf(mesh.publish(0, 'c', text))
    const subscriber = mesh.subscribe(1, 'c', new FakeSubscriber(), `${lost[40]?.offset}`)
    mesh.settle()
    equal(subscriber.resumedWithGap, true)
  })

  test('a forgotten channel begins above what it reached, though it was faster than the clock', () => {
    const mesh = new Mesh({ workers: 1, settings: { idleChannelsMax: 1 } })
    const before = texts(100).map(text => publishedOf(mesh.publish(0, 'a', text)))
    publishedOf(mesh.publish(0, 'b', 'pushes a out'))
    const after = publishedOf(mesh.publish(0, 'a', 'x'))
    ok(after.epoch !== before[99]?.epoch)
    ok(after.offset > (before[99]?.offset ?? Number.POSITIVE_INFINITY))
  })

  test('time alone lifts the first offset: 64 a millisecond', () => {
    const mesh = new Mesh({ workers: 1, settings: { idleChannelsMax: 1 } })
    const before = publishedOf(mesh.publish(0, 'a', 'x'))
    publishedOf(mesh.publish(0, 'b', 'pushes a out'))
    mesh.clock.advance(1_000)
    const after = publishedOf(mesh.publish(0, 'a', 'x'))
    equal(after.offset - before.offset, 64_000)
  })

  test('a numbering older than what a hub has is not taken up again', () => {
    const mesh = new Mesh(kept)
    const subscriber = mesh.subscribe(1, 'c0', new FakeSubscriber({ tells: true }))
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['0'])
    const stale = mesh.engines[0]?.snapshot()
    const before = publishedOf(mesh.publish(0, 'c0', '1'))
    mesh.settle()
    mesh.kill(0, { farewell: false })
    mesh.start(0, stale)
    mesh.settle()
    const after = publishedOf(mesh.publish(0, 'c0', 'other'))
    mesh.settle()
    ok(after.epoch !== before.epoch, 'one position never names two publications')
    ok(after.offset > before.offset)
    deepEqual([subscriber.received, subscriber.gaps.length], [['0', '1', 'other'], 1])
  })
})
