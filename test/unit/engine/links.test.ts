// Laws 3, 4 and 6 with history: a hub that was passed over is brought forward or told, a refused publish leaves
// nothing behind, and the position in an answer can be recovered from.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'

const narrow = { linkBytesMax: 300 }

function heads(subscriber: FakeSubscriber): (string | undefined)[] {
  return subscriber.received.map(text => text.split('-')[0])
}

/** More than a narrow link carries at once. */
function flood(mesh: Mesh, channel: string, count: number, from = 0): void {
  for (const text of texts(count, from)) mesh.publish(0, channel, `${text}-${'x'.repeat(50)}`)
}

describe('law 6, link credits with history', () => {
  test('what a full link could not take is sent when it drained, without a gap', () => {
    const mesh = new Mesh({ history: { size: 100 }, settings: narrow })
    const far = mesh.subscribe(1, 'c0')
    mesh.settle()
    flood(mesh, 'c0', 12)
    const sent = mesh.link(0, 1).queued.length
    ok(sent < 12, 'the link was full')
    mesh.settle()
    deepEqual(heads(far), texts(12))
    deepEqual([far.gaps, far.closedFor], [[], undefined])
    equal(mesh.engines[0]?.statistics().shard['linkGaps'], 0)
  })

  test('what is published while the rest is being sent follows it', () => {
    const mesh = new Mesh({ history: { size: 100 }, settings: narrow })
    const far = mesh.subscribe(1, 'c0')
    mesh.settle()
    flood(mesh, 'c0', 6)
    for (let n = 6; n < 30; n++) {
      mesh.turn()
      mesh.deliver(0, 1)
      flood(mesh, 'c0', 1, n)
    }
    mesh.settle()
    deepEqual(heads(far), texts(30))
  })

  test('a recovery while the hub is owed something gets the whole range once', () => {
    const mesh = new Mesh({ history: { size: 100 }, settings: narrow })
    const [first] = publishAll(mesh, 0, 'c0', ['start'])
    mesh.subscribe(1, 'c0')
    mesh.settle()
    flood(mesh, 'c0', 8)
    const joiner = mesh.subscribe(1, 'c0', new FakeSubscriber(), first)
    mesh.settle()
    deepEqual([heads(joiner), joiner.resumedWithGap], [texts(8), false])
  })

  test('several channels on one full link are all brought forward', () => {
    const mesh = new Mesh({ history: { size: 100 }, settings: narrow })
    const crowd = ['a0', 'b0', 'd0'].map(name => mesh.subscribe(1, name))
    mesh.settle()
    for (let n = 0; n < 5; n++) for (const name of ['a0', 'b0', 'd0']) flood(mesh, name, 1, n)
    mesh.settle()
    for (const subscriber of crowd) deepEqual(heads(subscriber), texts(5))
  })

  test('one full link does not hold back another worker', () => {
    const mesh = new Mesh({ history: { size: 100 }, settings: narrow })
    const [full, free] = [mesh.subscribe(1, 'c0'), mesh.subscribe(2, 'c0')]
    mesh.settle()
    for (let n = 0; n < 10; n++) {
      flood(mesh, 'c0', 1, n)
      mesh.turn()
      mesh.deliver(0, 2)
    }
    mesh.turn()
    equal(free.received.length, 10)
    ok(full.received.length < 10)
    mesh.settle()
    deepEqual(heads(full), texts(10))
  })

  test('history too short for what was withheld: those that can tell a gap go on, the others are closed', () => {
    const mesh = new Mesh({ history: { size: 2 }, settings: narrow })
    const [teller, mute] = [
      mesh.subscribe(1, 'c0', new FakeSubscriber({ tells: true })),
      mesh.subscribe(1, 'c0'),
    ]
    mesh.settle()
    flood(mesh, 'c0', 12)
    const { epoch, offset } = publishedOf(mesh.publish(0, 'c0', 'last'))
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['next'])
    deepEqual([teller.gaps, teller.closedFor], [[{ epoch, offset }], undefined])
    deepEqual(
      [teller.received.at(-1), mute.received.at(-1) === 'next', mute.closedFor],
      ['next', false, 'gap'],
    )
    equal(mesh.engines[0]?.statistics().shard['linkGaps'], 1)
  })

  test('a subscriber whose wire is behind at the gap is told it before its next offer, or closed then', () => {
    const mesh = new Mesh({ settings: narrow })
    const [teller, mute] = [
      mesh.subscribe(1, 'c0', new FakeSubscriber({ tells: true })),
      mesh.subscribe(1, 'c0'),
    ]
    mesh.settle()
    for (const subscriber of [teller, mute]) subscriber.writable = false
    publishAll(mesh, 0, 'c0', ['before'])
    flood(mesh, 'c0', 6)
    mesh.settle()
    deepEqual([teller.gaps.length, mute.closedFor], [0, undefined])
    publishAll(mesh, 0, 'c0', ['after'])
    for (const subscriber of [teller, mute]) {
      subscriber.writable = true
      mesh.engines[1]?.drained(subscriber)
    }
    mesh.settle()
    deepEqual([teller.received, teller.gaps.length], [['before', 'after'], 1])
    deepEqual([mute.received, mute.closedFor], [['before'], 'gap'])
  })

  test('one that was closed for a gap leaves nothing behind in the hub', () => {
    const mesh = new Mesh({ settings: { ...narrow, outboxBytesMax: 400 } })
    const [mute, stays] = [
      mesh.subscribe(1, 'c0'),
      mesh.subscribe(1, 'c0', new FakeSubscriber({ tells: true })),
    ]
    mesh.settle()
    mute.writable = false
    publishAll(mesh, 0, 'c0', ['before'])
    flood(mesh, 'c0', 6)
    mesh.settle()
    const positions = publishAll(mesh, 0, 'c0', ['after', 'and'])
    mute.writable = true
    mesh.engines[1]?.drained(mute)
    mesh.settle()
    equal(mute.closedFor, 'gap')
    publishAll(mesh, 0, 'c0', ['more'])
    const late = mesh.subscribe(1, 'c0', new FakeSubscriber(), positions[0])
    mesh.settle()
    equal(late.resumedWithGap, true, 'the window was trimmed, for nobody needs it')
    equal(stays.received.at(-1), 'more')
  })
})

describe('law 3, slices with history', () => {
  test('a recovery of a large crowd takes several turns, and another channel is served in between', () => {
    const mesh = new Mesh({ workers: 1, history: { size: 100 }, settings: { sliceSubscribers: 10 } })
    const positions = publishAll(mesh, 0, 'big0', texts(3))
    const other = mesh.subscribe(0, 'small0')
    const crowd = Array.from({ length: 35 }, () =>
      mesh.subscribe(0, 'big0', new FakeSubscriber(), positions[0]),
    )
    mesh.publish(0, 'small0', 'y')
    mesh.turn()
    equal(crowd.filter(({ offers }) => offers.length > 0).length, 10)
    mesh.turn()
    deepEqual(other.received, ['y'])
    mesh.settle()
    ok(crowd.every(({ received }) => received.join() === '1,2'))
  })

  test('a refused publish is not kept, and takes no offset', () => {
    const mesh = new Mesh({ history: { size: 100 }, settings: { fanoutBytesMax: 1_000 } })
    const [first] = publishAll(mesh, 0, 'c0', ['first'])
    mesh.subscribe(1, 'c0')
    mesh.settle()
    for (let n = 0; n < 12; n++) mesh.publish(0, 'c0', 'x'.repeat(100))
    mesh.turn(0)
    mesh.deliver(0, 1)
    mesh.link(1, 0).flush()
    mesh.deliver(1, 0)
    deepEqual(mesh.publish(0, 'c0', 'refused'), ['overloaded'])
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['last'])
    const late = mesh.subscribe(2, 'c0', new FakeSubscriber(), first)
    mesh.settle()
    equal(late.received.length, 13)
    ok(!late.received.includes('refused'))
    equal(mesh.engines[0]?.statistics().shard['refused.overloaded'], 1)
    equal(mesh.engines[1]?.statistics().hub['fanoutBytesExceeded'], 1)
  })
})

describe('law 4, append before answer', () => {
  test('whoever gets an answer can recover from just before it, and finds the publication', () => {
    const mesh = new Mesh({ history: { size: 100 } })
    const outcomes = mesh.publish(1, 'c0', 'x')
    mesh.turn()
    mesh.deliver(1, 0)
    mesh.turn()
    mesh.deliver(0, 1)
    const { epoch, offset } = publishedOf(outcomes)
    const subscriber = mesh.subscribe(2, 'c0', new FakeSubscriber(), `${epoch}.${offset - 1}`)
    mesh.settle()
    deepEqual(subscriber.received, ['x'])
  })

  test('a repeat of a key is answered with the first position and appends nothing', () => {
    const mesh = new Mesh({ history: { size: 100 } })
    const first = publishedOf(mesh.publish(0, 'c0', 'x', { idempotencyKey: 'k' }))
    const again = publishedOf(mesh.publish(0, 'c0', 'x', { idempotencyKey: 'k' }))
    const next = publishedOf(mesh.publish(0, 'c0', 'y', { idempotencyKey: 'l' }))
    deepEqual([again.offset, next.offset], [first.offset, first.offset + 1])
    const late = mesh.subscribe(1, 'c0', new FakeSubscriber(), `${first.epoch}.${first.offset - 1}`)
    mesh.settle()
    deepEqual(late.received, ['x', 'y'])
  })
})
