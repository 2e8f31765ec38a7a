// Laws 2 to 7 of the engine for live delivery, stated on three engines joined by links that the test moves.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber, textFormat } from '../../helpers/fake-subscriber.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { publishedOf } from '../../helpers/published.ts'

describe('law 2, cursor', () => {
  test('an offer is whole frames with their places, for one subscription', () => {
    const mesh = new Mesh()
    const [one, other] = [mesh.subscribe(0, 'c0'), mesh.subscribe(0, 'c0')]
    const before = one.position?.offset ?? 0
    mesh.subscribe(0, 'c3', one)
    for (const [channel, text] of [
      ['c0', 'a'],
      ['c0', 'b'],
      ['c3', 'c'],
    ] as const)
      mesh.publish(0, channel, text)
    mesh.settle()
    const [first, second] = one.batches
    deepEqual(
      first?.frames.map(frame => Buffer.from(frame).toString()),
      ['a;', 'b;'],
    )
    deepEqual([Buffer.from(first?.bytes ?? []).toString(), first?.size], ['a;b;', 4])
    deepEqual([first?.from, first?.next], [before + 1, before + 3])
    equal(other.batches[0]?.bytes, first?.bytes, 'the same memory for all at one place')
    equal(second?.bytes, second?.frames[0], 'one frame is not copied')
    deepEqual(one.offeredFor, ['c0', 'c3'])
  })

  test('what one turn brought is joined into one offer, encoded once for all', () => {
    const mesh = new Mesh({ workers: 1 })
    let encoded = 0
    const format = {
      id: 'counted',
      encode: (...args: Parameters<typeof textFormat.encode>) => {
        encoded++
        return textFormat.encode(...args)
      },
    }
    const subscribers = [1, 2, 3].map(() => mesh.subscribe(0, 'c0', new FakeSubscriber({ format })))
    for (const text of ['a', 'b', 'c']) mesh.publish(0, 'c0', text)
    mesh.settle()
    for (const { offers } of subscribers) deepEqual(offers, ['a;b;c;'])
    equal(encoded, 3)
  })

  test('a subscriber whose wire is behind stays behind, and gets the rest in order when it drains', () => {
    const mesh = new Mesh({ workers: 1 })
    const slow = mesh.subscribe(0, 'c0')
    const quick = mesh.subscribe(0, 'c0')
    slow.writable = false
    for (let n = 0; n < 5; n++) {
      mesh.publish(0, 'c0', `${n}`)
      mesh.settle()
    }
    deepEqual(slow.received, ['0'])
    deepEqual(quick.received, ['0', '1', '2', '3', '4'])
    slow.writable = true
    mesh.engines[0]?.drained(slow)
    mesh.settle()
    deepEqual(slow.received, quick.received)
  })

  test('an offer carries at most flushBytesMax, and the rest follows', () => {
    const mesh = new Mesh({ workers: 1, settings: { flushBytesMax: 10 } })
    const subscriber = mesh.subscribe(0, 'c0')
    for (let n = 0; n < 7; n++) mesh.publish(0, 'c0', `${n}xx`)
    mesh.settle()
    deepEqual(
      subscriber.offers.map(offer => offer.length),
      [8, 8, 8, 4],
    )
    equal(subscriber.received.length, 7)
  })
})

describe('law 3, slices', () => {
  test('a large broadcast takes several turns, and another channel is served in between', () => {
    const mesh = new Mesh({ workers: 1, settings: { sliceSubscribers: 10 } })
    const crowd = Array.from({ length: 35 }, () => mesh.subscribe(0, 'big0'))
    const other = mesh.subscribe(0, 'small0')
    mesh.publish(0, 'big0', 'x')
    mesh.publish(0, 'small0', 'y')
    mesh.turn()
    equal(crowd.filter(({ offers }) => offers.length > 0).length, 10)
    mesh.turn()
    deepEqual(other.received, ['y'])
    mesh.settle()
    ok(crowd.every(({ received }) => received.length === 1))
  })

  test('joiners and leavers during a pass neither miss nor repeat anything', () => {
    const mesh = new Mesh({ workers: 1, settings: { sliceSubscribers: 2 } })
    const crowd = Array.from({ length: 6 }, () => mesh.subscribe(0, 'c0'))
    mesh.publish(0, 'c0', 'first')
    mesh.turn()
    mesh.engines[0]?.unsubscribe(crowd[0]!.subscription!) // set by subscribe
    mesh.engines[0]?.unsubscribe(crowd[5]!.subscription!) // set by subscribe
    const joiner = mesh.subscribe(0, 'c0')
    mesh.publish(0, 'c0', 'second')
    mesh.settle()
    deepEqual(joiner.received, ['second'])
    for (const index of [1, 2, 3, 4]) deepEqual(crowd[index]?.received, ['first', 'second'], `${index}`)
    deepEqual(crowd[0]?.received, ['first'])
    deepEqual(crowd[5]?.received, [])
  })

  test('what waits for its first pass beyond the limit makes the owner refuse publishes, until it was offered', () => {
    const mesh = new Mesh({ settings: { fanoutBytesMax: 1_000 } })
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    for (let n = 0; n < 12; n++) mesh.publish(0, 'c0', `${n}${'x'.repeat(100)}`)
    mesh.link(0, 1).flush()
    mesh.deliver(0, 1)
    mesh.link(1, 0).flush()
    mesh.deliver(1, 0)
    deepEqual(mesh.publish(0, 'c0', 'too much'), ['overloaded'])
    mesh.settle()
    equal(typeof mesh.publish(0, 'c0', 'again')[0], 'object')
    mesh.settle()
    equal(subscriber.received.length, 13)
  })
})

describe('law 4, append before answer', () => {
  test('no publish is answered before its owner appended it', () => {
    const mesh = new Mesh()
    const outcome = mesh.publish(1, 'c0', 'x')
    mesh.turn()
    deepEqual(outcome, [])
    mesh.deliver(1, 0)
    mesh.turn()
    deepEqual(outcome, [])
    mesh.deliver(0, 1)
    equal(outcome.length, 1)
    equal(typeof outcome[0], 'object')
  })

  test('a publisher that waits for its answer gets its next message behind, over any workers', () => {
    const mesh = new Mesh()
    const subscriber = mesh.subscribe(2, 'c0')
    mesh.settle()
    for (let n = 0; n < 9; n++) {
      mesh.publish(n % 3, 'c0', `${n}`)
      mesh.settle()
    }
    deepEqual(subscriber.received.map(Number), [0, 1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('offsets are contiguous, and all subscribers see one order', () => {
    const mesh = new Mesh()
    const subscribers = [0, 1, 2].map(slot => mesh.subscribe(slot, 'c0'))
    mesh.settle()
    const outcomes = [0, 1, 2, 1, 0, 2].flatMap((slot, n) => [mesh.publish(slot, 'c0', `${n}`)])
    mesh.settle()
    const offsets = outcomes.map(outcome => publishedOf(outcome).offset).sort()
    deepEqual(
      offsets.map(offset => offset - (offsets[0] ?? 0)),
      [0, 1, 2, 3, 4, 5],
    )
    for (const { received } of subscribers) deepEqual(received, subscribers[0]?.received)
    equal(subscribers[0]?.received.length, 6)
  })

  test('a link lost before the answer is a refusal that may be tried again', () => {
    const mesh = new Mesh()
    const outcome = mesh.publish(1, 'c0', 'x')
    mesh.turn()
    mesh.kill(0)
    deepEqual(outcome, ['owner-lost'])
    deepEqual(mesh.publish(1, 'c0', 'y'), ['owner-lost'])
  })
})

describe('law 6, link credits', () => {
  test('a full link towards the owner refuses the publish', () => {
    const mesh = new Mesh({ settings: { linkBytesMax: 300 } })
    equal(mesh.publish(1, 'c0', 'x'.repeat(100)).length, 0)
    deepEqual(mesh.publish(1, 'c0', 'x'.repeat(200)), ['overloaded'])
    mesh.settle()
    equal(mesh.publish(1, 'c0', 'x'.repeat(200)).length, 0)
  })

  test('a full link towards a hub makes a gap that is told, never a silent loss', () => {
    const mesh = new Mesh({ settings: { linkBytesMax: 300 } })
    const far = mesh.subscribe(1, 'c0')
    const near = mesh.subscribe(0, 'c0')
    mesh.settle()
    for (let n = 0; n < 6; n++) mesh.publish(0, 'c0', `${n}${'x'.repeat(50)}`)
    mesh.settle()
    equal(near.received.length, 6)
    equal(far.closedFor, 'gap')
    const again = mesh.subscribe(1, 'c0')
    mesh.settle()
    mesh.publish(0, 'c0', 'after')
    mesh.settle()
    deepEqual(again.received, ['after'])
  })

  test('attach and leave pass a full link', () => {
    const mesh = new Mesh({ settings: { linkBytesMax: 300 } })
    mesh.publish(1, 'c0', 'x'.repeat(250))
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    ok(subscriber.position)
  })
})

describe('law 7, farewell', () => {
  test('subscribers that got the farewell go on without a gap in the same epoch', () => {
    const mesh = new Mesh()
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    const first = mesh.publish(2, 'c0', 'a')
    mesh.settle()
    mesh.kill(0)
    mesh.start(0)
    mesh.settle()
    const second = mesh.publish(2, 'c0', 'b')
    mesh.settle()
    deepEqual([subscriber.received, subscriber.closedFor], [['a', 'b'], undefined])
    const [before, after] = [publishedOf(first), publishedOf(second)]
    deepEqual([after.epoch, after.offset], [before.epoch, before.offset + 1])
  })

  test('without a farewell they are told a gap', () => {
    const mesh = new Mesh()
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    mesh.kill(0, { farewell: false })
    mesh.start(0)
    mesh.settle()
    equal(subscriber.closedFor, 'gap')
  })

  test('a new owner takes no publish before it heard from all other hubs', () => {
    const mesh = new Mesh()
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    mesh.kill(0)
    mesh.opened.length = 0
    mesh.start(0)
    const outcome = mesh.publish(2, 'c0', 'early')
    mesh.turn()
    mesh.deliver(2, 0)
    mesh.turn()
    mesh.deliver(0, 2)
    deepEqual([outcome, mesh.opened], [[], []])
    mesh.settle()
    equal(typeof outcome[0], 'object')
    deepEqual([subscriber.received, subscriber.closedFor], [['early'], undefined])
  })
})
