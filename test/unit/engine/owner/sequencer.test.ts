// The order that publishers ask for by ids of their own (law 16): rows 134 to 140 of the wire contract of Pushpin as data,
// then what bounds it and what outlives the worker that knows it.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sequencingLimits } from '../../../../src/engine/bounds.ts'
import { Sequencer } from '../../../../src/engine/owner/sequencer.ts'
import type { PublishOutcome } from '../../../../src/engine/router.ts'
import { parseEpoch, parseOffset } from '../../../../src/engine/words/position.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { channelName, Mesh } from '../../../helpers/mesh.ts'
import { advance, lastId, publish, scene, sequenceOf, statistics, told } from '../../../helpers/sequenced.ts'

describe('by the contract', () => {
  const rows: readonly (readonly [
    row: string,
    items: string,
    fates: string,
    atOnce: string,
    later: string,
  ])[] = [
    ['134', '1 3(2) 4(3) 2(1)', 'published held held published', '1 2(1) 3(2) 4(3)', ''],
    ['135', '1 7(6) 8(7)', 'published held held', '1', '7(6) 8(7)'],
    ['136', '1 ~9(8)', 'published published', '1 ~9(8)', ''],
    ['137, the same id', '1 1', 'published dropped', '1', ''],
    ['137, no id', '(1) (1)', 'published published', '(1) (1)', ''],
    ['137, an empty id', "'' ''", 'published dropped', "''", ''],
    ['138', '1 ~1', 'published dropped', '1', ''],
    ['140', '1 5(4) 3(2) 2(1) 4(3)', 'published held held published published', '1 2(1) 3(2) 4(3) 5(4)', ''],
    ['9.3, the same one awaited', '1 3(2) 4(2)', 'published held dropped', '1', '3(2)'],
    ['9.4, no id forgets the last', '1 (1) 7(6)', 'published published published', '1 (1) 7(6)', ''],
    ['9.5, on from there', '1 7(6) 9(8) 8(7)', 'published held held held', '1', '7(6) 8(7) 9(8)'],
  ]
  for (const [row, items, fates, atOnce, later] of rows) {
    test(`row ${row}: ${items}`, () => {
      const { mesh, subscriber } = scene()
      const lists = [items, fates, atOnce, later].map(text => text.split(' ').filter(each => each !== ''))
      const [all = [], expected = [], early = [], late = []] = lists
      deepEqual(publish(mesh, ...all), expected)
      deepEqual(subscriber.received, early)
      advance(mesh, 4_999)
      deepEqual(subscriber.received, early)
      advance(mesh, 1_001)
      deepEqual(subscriber.received, [...early, ...late])
      equal(statistics(mesh)['heldBytes'], 0)
    })
  }

  test('row 137: an id is known by channel, and for its time from when it was first seen', () => {
    const { mesh, subscriber } = scene({ sequencing: { seenMs: 10_000 } })
    publish(mesh, '1')
    deepEqual(told(mesh.publish(0, 'd0', 'x', { sequence: { id: '1' } })), 'published')
    advance(mesh, 9_999)
    deepEqual(publish(mesh, '1'), ['dropped'])
    advance(mesh, 1)
    deepEqual(publish(mesh, '1'), ['published'])
    deepEqual(subscriber.received, ['1', '1'])
  })

  test('row 139: what is published before anybody subscribed is not remembered', () => {
    const mesh = new Mesh()
    deepEqual(publish(mesh, '5'), ['published'])
    const subscriber = mesh.subscribe(2, 'c0')
    mesh.settle()
    deepEqual(publish(mesh, '7(6)', '7(6)'), ['published', 'dropped'])
    deepEqual(subscriber.received, ['7(6)'])
  })

  test('what says nothing of its order stands beside it', () => {
    const { mesh, subscriber } = scene()
    publish(mesh, '1', '3(2)')
    mesh.publish(1, 'c0', 'other')
    mesh.settle()
    publish(mesh, '2(1)')
    deepEqual(subscriber.received, ['1', 'other', '2(1)', '3(2)'])
    deepEqual(subscriber.gaps, [])
  })

  test('when the last ids are forgotten, whatever comes next may follow, and what is held does', () => {
    const { mesh, subscriber } = scene()
    publish(mesh, '1', '8(7)')
    for (const engine of mesh.engines) engine?.forgetLastIds()
    equal(lastId(mesh), undefined)
    deepEqual(publish(mesh, '7(6)'), ['published'])
    deepEqual(subscriber.received, ['1', '7(6)', '8(7)'])
  })
})

describe('what is remembered of a channel', () => {
  test('is forgotten when its last subscriber leaves, and what was held has its place in history', () => {
    const { mesh, subscriber } = scene({ history: { size: 10 } })
    publish(mesh, '1', '3(2)')
    const { position } = subscriber
    mesh.engines[2]?.leave(subscriber)
    mesh.settle()
    equal(statistics(mesh)['orders'], 0)
    deepEqual(publish(mesh, '9(8)'), ['published'])
    const since = `${position?.epoch}.${position?.offset}`
    const later = mesh.subscribe(1, 'c0', undefined, since)
    mesh.settle()
    deepEqual(later.received, ['1', '3(2)', '9(8)'])
  })

  test('lasts as long as one of those asked that left, whoever was the last', () => {
    const { mesh, subscriber } = scene()
    const others = [2, 1].map(slot => mesh.subscribe(slot, 'c0'))
    publish(mesh, '1')
    mesh.engines[2]?.leave(subscriber, 60_000)
    for (const [index, other] of others.entries()) mesh.engines[2 - index]?.leave(other)
    mesh.settle()
    deepEqual([statistics(mesh)['orders'], mesh.engines[2]?.statistics().hub['channels']], [1, 0])
    advance(mesh, 59_000)
    deepEqual(publish(mesh, '3(2)', '2(1)'), ['held', 'published'])
    equal(lastId(mesh), '3')
    advance(mesh, 1_000)
    equal(lastId(mesh), undefined)
  })

  test('lasts for a while where the subscribers were lost with their worker', () => {
    const { mesh } = scene({ sequencing: { awaitedMs: 20_000 } })
    publish(mesh, '1')
    mesh.kill(2)
    mesh.start(2)
    mesh.settle()
    equal(lastId(mesh, 2), '1')
  })

  test('is nothing where publishers say nothing of an order', () => {
    const { mesh } = scene()
    mesh.publish(1, 'c0', 'x')
    mesh.publish(1, 'c0', '~1', { sequence: { isLoose: true, after: '0' } })
    mesh.publish(1, 'c0', '()', { sequence: {} })
    mesh.settle()
    const { orders, idsBytes } = statistics(mesh)
    deepEqual([orders, idsBytes], [0, 0])
  })

  test('is bounded in channels without subscribers: the longest without them goes first', () => {
    const mesh = new Mesh({ sequencing: { restingMax: 1 } })
    for (const channel of ['c0', 'd0']) {
      const subscriber = mesh.subscribe(2, channel)
      mesh.settle()
      for (const item of ['1', '3(2)']) mesh.publish(0, channel, item, { sequence: sequenceOf(item) })
      mesh.engines[2]?.leave(subscriber, 60_000)
      mesh.settle()
    }
    const { orders, heldDrafts, publications } = statistics(mesh)
    deepEqual([orders, heldDrafts, publications], [1, 1, 3])
  })
})

describe('bounds', () => {
  test('of a channel: the one that waited longest goes on, and what follows it', () => {
    const { mesh, subscriber } = scene({ sequencing: { heldMax: 3 } })
    publish(mesh, '1', '4(3)', '5(4)', '9(8)')
    deepEqual(subscriber.received, ['1'])
    deepEqual(publish(mesh, '7(6)'), ['held'])
    deepEqual(subscriber.received, ['1', '4(3)', '5(4)'])
    deepEqual(publish(mesh, '6(5)'), ['published'])
    deepEqual(subscriber.received, ['1', '4(3)', '5(4)', '6(5)', '7(6)'])
  })

  test('of a worker: what would be held is refused, may be tried again, and what follows is not', () => {
    const { mesh, subscriber } = scene({ sequencing: { heldBytesMax: 200 } })
    deepEqual(publish(mesh, '1', '3(2)', '5(4)', '5(4)'), ['published', 'held', 'overloaded', 'overloaded'])
    deepEqual(publish(mesh, '2(1)', '5(4)'), ['published', 'held'])
    deepEqual(subscriber.received, ['1', '2(1)', '3(2)'])
    equal(statistics(mesh)['draftsRefused'], 2)
  })

  test('of ids: the oldest is forgotten first', () => {
    const { mesh } = scene({ sequencing: { seenBytesMax: 400 } })
    deepEqual(publish(mesh, '1', '2', '3', '3', '1'), [
      'published',
      'published',
      'published',
      'dropped',
      'published',
    ])
    equal(statistics(mesh)['idsForgotten'], 2)
  })

  test('a publish that is refused is not seen: it may be tried again', () => {
    const mesh = new Mesh({ settings: { fanoutBytesMax: 65_536 } })
    mesh.subscribe(0, 'c0')
    mesh.settle()
    const publishAt0 = (text: string, id: string) => mesh.publish(0, 'c0', text, { sequence: { id } })
    deepEqual(
      ['x'.repeat(70_000), 'y'].map((text, n) => told(publishAt0(text, `${n}`))),
      ['published', 'overloaded'],
    )
    mesh.settle()
    deepEqual(told(publishAt0('y', '1')), 'published')
  })
})

describe('with a broker that answers later', () => {
  test('drafts keep their order, and each is answered', () => {
    const { mesh, subscriber } = scene({ late: 3 })
    deepEqual(publish(mesh, '1', '3(2)', '4(3)', '2(1)'), ['published', 'held', 'held', 'published'])
    deepEqual(subscriber.received, ['1', '2(1)', '3(2)', '4(3)'])
  })
})

describe('with a broker that refuses', () => {
  test('what was held is tried again with each sweep, and what is refused may come again', () => {
    const clock = new FakeClock()
    const appended: string[] = []
    let takes = true
    const sequencer = new Sequencer({
      clock,
      limits: sequencingLimits,
      isFollowed: () => true,
      presence: () => 1,
      append({ content }, done) {
        if (!takes) return done('overloaded')
        appended.push(Buffer.from(content.payload).toString())
        done({
          epoch: parseEpoch('e'),
          offset: parseOffset(appended.length),
          subscribers: 1,
          duplicate: false,
        })
      },
    })
    const put = (item: string) => {
      const outcomes: PublishOutcome[] = []
      const content = { kind: 'text', payload: Buffer.from(item) } as const
      const sequence = sequenceOf(item)
      sequencer.publish({ channel: channelName('c'), content, via: 'test', sequence }, sequence, told =>
        outcomes.push(told),
      )
      return told(outcomes)
    }
    deepEqual(['1', '3(2)', '5(4)'].map(put), ['published', 'held', 'held'])
    takes = false
    clock.advance(8_000)
    deepEqual([put('6'), appended, sequencer.statistics()['heldDrafts']], ['overloaded', ['1'], 2])
    takes = true
    clock.advance(1_000)
    deepEqual([put('6'), appended], ['published', ['1', '3(2)', '5(4)', '6']])
    deepEqual([sequencer.statistics()['heldDrafts'], sequencer.statistics()['heldBytes']], [0, 0])
  })
})
