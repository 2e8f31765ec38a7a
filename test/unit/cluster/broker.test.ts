// What a worker's broker asks of its carrier, and how much at a time; what it keeps, and for how long.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { c, names, ToldBroker } from '../../helpers/cluster/told-broker.ts'
import { channelName } from '../../helpers/mesh.ts'

describe('channels that are followed', () => {
  for (const [count, calls] of [
    [512, ['subscribe 512']],
    [513, ['subscribe 512', 'subscribe 1']],
  ] as const) {
    test(`${count} of one turn are subscribed to in calls of 512, and asked about 16 at a time`, () => {
      const scene = new ToldBroker()
      scene.carrier.take()
      scene.follow(...names(count))
      scene.settle()
      const made = scene.carrier.take('subscribe', 'ask')
      deepEqual(
        made.filter(call => call !== 'ask'),
        calls,
      )
      equal(made.length - calls.length, count)
      equal(scene.carrier.most, 16)
      equal(scene.told.length, count)
    })
  }

  test('after an outage all are compared in calls of 250, and asked about where they differ', () => {
    const scene = new ToldBroker()
    scene.follow('c', ...names(600))
    scene.settle()
    scene.cut()
    scene.publish('x')
    scene.settle()
    scene.carrier.take()
    scene.heal()
    const made = scene.carrier.take('subscribe', 'compare', 'ask', 'read')
    deepEqual(
      made.toSorted(),
      [
        'ask',
        'compare 250',
        'compare 250',
        'compare 12',
        'compare 89',
        'read c',
        'subscribe 512',
        'subscribe 89',
      ].toSorted(),
    )
    equal(scene.told.at(-1), 'told x')
  })

  test('the longest unheard are brought forward first', () => {
    const scene = new ToldBroker()
    scene.follow('c', 'd', 'e')
    scene.settle()
    scene.publish('x', scene.other, channelName('c'))
    scene.settle()
    scene.cut()
    for (const name of ['c', 'd', 'e']) scene.publish(name, scene.other, channelName(name))
    scene.settle()
    scene.told.length = 0
    scene.heal()
    deepEqual(scene.told, ['told d', 'told e', 'told c'])
  })

  test('one that is left lingers, and whoever comes back in time is answered at once', () => {
    const scene = new ToldBroker()
    scene.follow('c')
    scene.settle()
    scene.carrier.take()
    scene.broker.unfollow(c)
    scene.publish('unheard')
    scene.settle()
    scene.clock.advance(29_999)
    scene.told.length = 0
    scene.follow('c')
    deepEqual(scene.told, ['followed c'])
    deepEqual(scene.carrier.take('subscribe', 'unsubscribe', 'ask'), [])
    scene.broker.unfollow(c)
    scene.clock.advance(30_000)
    scene.settle()
    deepEqual(scene.carrier.take('unsubscribe'), ['unsubscribe 1'])
    equal(scene.broker.statistics()['broker.lingering'], 0)
  })

  test('at most 10,000 linger, and the one that waited longest goes first', () => {
    const scene = new ToldBroker()
    const many = names(10_001)
    scene.follow(...many)
    scene.settle()
    for (const name of many) scene.broker.unfollow(channelName(name))
    equal(scene.broker.statistics()['broker.lingering'], 10_000)
    scene.settle()
    deepEqual(scene.carrier.take('unsubscribe'), ['unsubscribe 1'])
  })

  test('those that are not followed are kept by nobody', () => {
    const scene = new ToldBroker()
    for (const name of names(100)) scene.publish(name, scene.broker, channelName(name))
    scene.settle()
    const {
      'broker.followed': followed,
      'broker.lingering': lingering,
      historyBytes,
    } = scene.broker.statistics()
    deepEqual([followed, lingering, historyBytes], [0, 0, 0])
  })
})

describe('reads', () => {
  test('a storm of them asks once, and then nothing', () => {
    const scene = new ToldBroker()
    for (const text of ['a', 'b', 'c', 'd']) scene.publish(text)
    scene.settle()
    scene.follow('c')
    scene.settle()
    const pages = Array.from({ length: 1_000 }, (_, n) => scene.read(scene.next - 4 + (n % 4)))
    scene.settle()
    deepEqual(scene.carrier.take('read'), ['read c'])
    for (const [n, [page]] of pages.entries()) equal(page?.publications.length, 4 - (n % 4))
    equal(scene.read(scene.next - 4)[0]?.publications.length, 4)
    deepEqual(scene.carrier.take('read'), [])
  })

  test('wait while the broker is away, 10,000 at most, and are answered when it is back', () => {
    const scene = new ToldBroker()
    scene.publish('a')
    scene.settle()
    scene.follow('c')
    scene.settle()
    scene.cut()
    const pages = Array.from({ length: 10_001 }, () => scene.read(scene.next - 1))
    deepEqual(pages[10_000], [{ from: scene.next, publications: [] }])
    equal(pages[9_999]?.length, 0)
    scene.heal()
    equal(pages[9_999]?.[0]?.publications.length, 1)
  })
})

describe('a publisher', () => {
  test('that is followed here is answered when it was told here, or when that takes too long', () => {
    const scene = new ToldBroker()
    scene.follow('c')
    scene.settle()
    scene.told.length = 0
    scene.publish('x', scene.broker)
    scene.settle()
    deepEqual(scene.told, ['told x', 'done x'])
    // Nobody hears of what is delivered any more, and no sweep finds it.
    scene.carrier.compare = () => {}
    scene.carrier.connections[0]?.channels.clear()
    scene.publish('y', scene.broker)
    scene.settle()
    scene.clock.advance(1_499)
    scene.settle()
    ok(!scene.told.includes('done y'))
    scene.clock.advance(1)
    scene.settle()
    ok(scene.told.includes('done y'))
  })

  test('is refused while the broker is away, and until everything is brought forward', () => {
    const scene = new ToldBroker()
    scene.cut()
    deepEqual(scene.publish('x', scene.broker), ['broker-away'])
    equal(scene.broker.away?.reason, 'the connection was cut')
    scene.heal()
    equal(scene.broker.away, undefined)
    const outcomes = scene.publish('y', scene.broker)
    scene.settle()
    equal(outcomes.length, 1)
  })
})
