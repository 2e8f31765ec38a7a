// What a publisher's own order (law 16) is to others than its owner: the worker that takes over, subscribers that go live,
// and whoever is told where somebody subscribes.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChannelSnapshot } from '../../../../src/engine/owner/snapshot.ts'
import { packExact, unpack } from '../../../../src/std/msgpack.ts'
import { Mesh } from '../../../helpers/mesh.ts'
import { advance, lastId, publish, scene } from '../../../helpers/sequenced.ts'

describe('what is held outlives', () => {
  const leave = (mesh: Mesh): readonly ChannelSnapshot[] =>
    unpack(packExact(mesh.engines[0]?.snapshot())) as ChannelSnapshot[] // packed here

  test('its worker: three that wait when it retires come 5 s after they came', () => {
    const { mesh, subscriber } = scene()
    publish(mesh, '1', '5(4)', '7(6)', '9(8)')
    advance(mesh, 3_000)
    mesh.retire(0)
    const snapshot = leave(mesh)
    advance(mesh, 10_000)
    deepEqual(subscriber.received, ['1'])
    mesh.end(0)
    mesh.start(0, snapshot)
    mesh.settle()
    deepEqual(publish(mesh, '1', '5(4)', '6(5)'), ['dropped', 'dropped', 'held'])
    equal(lastId(mesh), '1')
    advance(mesh, 3_000)
    deepEqual(subscriber.received, ['1', '5(4)', '6(5)', '7(6)', '9(8)'])
    deepEqual(subscriber.gaps, [])
  })

  test('its node: it has its place before the snapshot, in the order in which it came', () => {
    const { mesh, subscriber } = scene()
    publish(mesh, '1', '9(8)', '4(3)', '3(2)')
    mesh.engines[0]?.seal()
    mesh.settle()
    deepEqual(publish(mesh, '7(6)'), ['published'])
    deepEqual(subscriber.received, ['1', '9(8)', '4(3)', '3(2)', '7(6)'])
    const [channel] = leave(mesh)
    deepEqual(channel?.[6]?.slice(0, 2), ['7', []])
  })

  test('the record of its channel, which is made anew for the snapshot', () => {
    const { mesh, subscriber } = scene({ settings: { idleChannelsMax: 1 } })
    publish(mesh, '1', '3(2)')
    mesh.engines[2]?.leave(subscriber, 60_000)
    mesh.settle()
    mesh.publish(0, 'd0', 'x')
    mesh.retire(0)
    const snapshot = leave(mesh)
    deepEqual(snapshot.find(([name]) => name === 'c0')?.[6]?.[0], '1')
    mesh.end(0)
    mesh.start(0, snapshot)
    const again = mesh.subscribe(2, 'c0')
    mesh.settle()
    deepEqual([again.lastId, publish(mesh, '2(1)'), again.received], ['1', ['published'], ['2(1)', '3(2)']])
  })
})

describe('interest', () => {
  test('is told at the owner as the first worker comes and the last one leaves', () => {
    const heard: string[] = []
    const mesh = new Mesh({
      interest: (channel, on, lingerMs) => void heard.push(`${channel} ${on ? 'on' : `off ${lingerMs}`}`),
    })
    const [one, two] = [1, 2].map(slot => mesh.subscribe(slot, 'c0'))
    mesh.settle()
    deepEqual(heard, ['c0 on'])
    if (one !== undefined) mesh.engines[1]?.leave(one, 60_000)
    mesh.settle()
    mesh.clock.advance(20_000)
    if (two !== undefined) mesh.engines[2]?.leave(two)
    mesh.settle()
    deepEqual(heard, ['c0 on', 'c0 off 40000'])
  })
})

describe('the last id', () => {
  test('is told to each subscriber as it goes live, of every worker', () => {
    const { mesh } = scene()
    publish(mesh, '1', '2(1)')
    deepEqual(
      [0, 1, 2].map(slot => lastId(mesh, slot)),
      ['2', '2', '2'],
    )
    publish(mesh, '~3(9)')
    deepEqual(
      [0, 1, 2].map(slot => lastId(mesh, slot)),
      ['2', '2', '2'],
    )
    publish(mesh, '(2)')
    deepEqual(
      [0, 1, 2].map(slot => lastId(mesh, slot)),
      [undefined, undefined, undefined],
    )
  })

  test('is that of the place where the subscriber begins, whatever is under way', () => {
    const { mesh, subscriber } = scene()
    publish(mesh, '1')
    mesh.publish(0, 'c0', '2', { sequence: { id: '2', after: '1' } })
    // Worker 2 has the channel, and what is on the link comes behind the subscriber's place.
    const next = mesh.subscribe(2, 'c0')
    mesh.settle()
    deepEqual([next.lastId, next.received, subscriber.received], ['1', ['2'], ['1', '2']])
  })

  test('is told after a gap, and not to one that resumes further back', () => {
    const { mesh, subscriber } = scene({ history: { size: 10 } })
    const { position } = subscriber
    publish(mesh, '1', '2(1)')
    const resumed = mesh.subscribe(2, 'c0', undefined, `${position?.epoch}.${position?.offset}`)
    const gone = mesh.subscribe(2, 'c0', undefined, 'other.7')
    mesh.settle()
    deepEqual([resumed.lastId, gone.resumedWithGap, gone.lastId], [undefined, true, '2'])
  })
})
