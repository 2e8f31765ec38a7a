// What a worker's broker does beside the order: sweeps, counts of subscribers, patterns.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { c, names, ToldBroker } from '../../helpers/cluster/told-broker.ts'
import { channelName } from '../../helpers/mesh.ts'

describe('what is lost without a word', () => {
  test('is found by the sweep of quiet channels, healed, counted and said', () => {
    const scene = new ToldBroker()
    scene.follow('c')
    scene.settle()
    scene.publish('x')
    scene.cluster.lanes[0]?.master.attached.delete(scene.carrier.connections[0]!) // it is up
    scene.settle()
    ok(!scene.told.includes('told x'))
    scene.clock.advance(1_000)
    scene.settle()
    ok(scene.told.includes('told x'))
    equal(scene.broker.statistics()['broker.sweepDifferences'], 1)
    ok(scene.cluster.notices.some(line => line.startsWith('broker-differs c')))
  })

  test('200 are swept in a second', () => {
    const scene = new ToldBroker()
    scene.follow(...names(300))
    scene.settle()
    scene.carrier.take()
    scene.clock.advance(2_000)
    deepEqual(scene.carrier.take('compare'), ['compare 200', 'compare 200'])
  })
})

describe('subscribers', () => {
  test('are told at most once a second, and only where they changed', () => {
    const scene = new ToldBroker()
    scene.follow('c')
    scene.settle()
    for (const count of [1, 2, 3]) scene.broker.count(c, count)
    scene.clock.advance(999)
    deepEqual(scene.carrier.take('count'), [])
    scene.clock.advance(1)
    deepEqual(scene.carrier.take('count'), ['count c 3'])
    for (const count of [4, 3]) scene.broker.count(c, count)
    scene.clock.advance(5_000)
    deepEqual(scene.carrier.take('count'), [])
    scene.broker.unfollow(c)
    deepEqual(scene.carrier.take('count'), ['count c 0'])
  })

  test('are told again after an outage, and those that left meanwhile too', () => {
    const scene = new ToldBroker()
    scene.follow('c', 'd')
    scene.settle()
    for (const name of ['c', 'd']) scene.broker.count(channelName(name), 2)
    scene.clock.advance(1_000)
    scene.cut()
    scene.broker.unfollow(channelName('d'))
    scene.carrier.take()
    scene.heal()
    scene.clock.advance(1_000)
    deepEqual(scene.carrier.take('count'), ['count d 0', 'count c 2'])
  })

  test('of other nodes are asked for at most every two seconds, by one of many', () => {
    const scene = new ToldBroker()
    const known: number[] = []
    for (let n = 0; n < 10; n++) scene.broker.elsewhere(c, count => known.push(count))
    scene.settle()
    scene.clock.advance(1_999)
    scene.broker.elsewhere(c, count => known.push(count))
    deepEqual(scene.carrier.take('elsewhere'), ['elsewhere c'])
    scene.clock.advance(1)
    scene.broker.elsewhere(c, count => known.push(count))
    deepEqual(scene.carrier.take('elsewhere'), ['elsewhere c'])
    scene.settle()
    equal(known.length, 12)
  })
})

describe('patterns', () => {
  test('that were watched before an outage may have missed something, and are told so', () => {
    const scene = new ToldBroker()
    let done = 0
    scene.broker.watch('c*', () => done++)
    scene.settle()
    equal(done, 1)
    scene.cut()
    ok(!scene.told.includes('pattern gap'))
    scene.heal()
    equal(scene.told.filter(line => line === 'pattern gap').length, 1)
  })

  test('that are first watched while it is away wait, and miss nothing', () => {
    const scene = new ToldBroker()
    scene.cut()
    let done = 0
    scene.broker.watch('c*', () => done++)
    scene.settle()
    equal(done, 0)
    scene.heal()
    deepEqual([done, scene.told.includes('pattern gap')], [1, false])
  })
})
