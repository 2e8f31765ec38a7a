// Law 9: what a shard keeps is bounded, by channel and in all, and what it let go of is a gap, never a false continuity.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { Mesh } from '../../../helpers/mesh.ts'
import {
  historyEntryBytes,
  historyListBytes,
  publishAll,
  publishedOf,
  texts,
} from '../../../helpers/published.ts'

/** What somebody is told who asks for everything after a position. */
function recover(mesh: Mesh, channel: string, since: string): string[] | 'gap' {
  const subscriber = mesh.subscribe(0, channel, new FakeSubscriber(), since)
  mesh.settle()
  mesh.engines[0]?.unsubscribe(subscriber.subscription!) // set by subscribe
  return subscriber.resumedWithGap === true ? 'gap' : [...subscriber.received]
}

function before(position: string): string {
  const [epoch, offset] = position.split('.')
  return `${epoch}.${Number(offset) - 1}`
}

function shard(mesh: Mesh, name: string): number | undefined {
  return mesh.engines[0]?.statistics().shard[name]
}

describe('law 9, numbering of idle channels', () => {
  const epochOf = (mesh: Mesh, channel: string) => publishedOf(mesh.publish(0, channel, 'x')).epoch

  test('as many as the bound keep it, and one more costs the longest idle one', () => {
    const mesh = new Mesh({ workers: 1, settings: { idleChannelsMax: 3 } })
    const [a, b, c] = ['a', 'b', 'c'].map(channel => epochOf(mesh, channel))
    deepEqual(
      ['a', 'b', 'c'].map(channel => epochOf(mesh, channel)),
      [a, b, c],
    )
    epochOf(mesh, 'd')
    deepEqual([epochOf(mesh, 'b'), epochOf(mesh, 'c')], [b, c])
    ok(epochOf(mesh, 'a') !== a)
  })

  test('being published to or left counts as use', () => {
    const mesh = new Mesh({ workers: 1, settings: { idleChannelsMax: 2 } })
    const [a, b] = ['a', 'b'].map(channel => epochOf(mesh, channel))
    epochOf(mesh, 'a')
    epochOf(mesh, 'c')
    equal(epochOf(mesh, 'a'), a)
    ok(epochOf(mesh, 'b') !== b)
    const visitor = mesh.subscribe(0, 'a')
    epochOf(mesh, 'd')
    epochOf(mesh, 'e')
    mesh.engines[0]?.unsubscribe(visitor.subscription!) // set by subscribe
    epochOf(mesh, 'f')
    equal(epochOf(mesh, 'a'), a)
  })

  test('channels with subscribers are not counted and never forgotten', () => {
    const mesh = new Mesh({ workers: 1, settings: { idleChannelsMax: 1 } })
    const names = ['a', 'b', 'c', 'd']
    for (const name of names) mesh.subscribe(0, name)
    const epochs = names.map(name => epochOf(mesh, name))
    for (const name of ['x', 'y', 'z']) epochOf(mesh, name)
    deepEqual(
      names.map(name => epochOf(mesh, name)),
      epochs,
    )
    deepEqual([shard(mesh, 'channels'), shard(mesh, 'forgotten')], [5, 2])
  })

  test('a forgotten channel begins above its old numbers, and its history is gone', () => {
    const mesh = new Mesh({ workers: 1, settings: { idleChannelsMax: 1 }, history: { size: 10 } })
    const positions = publishAll(mesh, 0, 'a', texts(3))
    publishAll(mesh, 0, 'b', ['x'])
    equal(shard(mesh, 'historyBytes'), historyListBytes + 1 + historyEntryBytes)
    mesh.clock.advance(1)
    equal(recover(mesh, 'a', positions[0]!), 'gap') // as many as texts
    const [again] = publishAll(mesh, 0, 'a', ['again'])
    ok(Number(again?.split('.')[1]) > Number(positions[2]?.split('.')[1]))
  })
})

describe('law 9, history of a channel', () => {
  test('by count: the newest as many as the bound', () => {
    const mesh = new Mesh({ workers: 1, history: { size: 3 } })
    const [first, second] = publishAll(mesh, 0, 'c', texts(4)) as [string, string] // of four
    deepEqual([recover(mesh, 'c', first), recover(mesh, 'c', before(first))], [['1', '2', '3'], 'gap'])
    deepEqual(recover(mesh, 'c', second), ['2', '3'])
  })

  test('by bytes: what fits to the last byte is kept', () => {
    for (const [spare, kept] of [
      [0, true],
      [-1, false],
    ] as const) {
      const bytesMax = historyListBytes + 3 * (10 + historyEntryBytes) + spare
      const mesh = new Mesh({ workers: 1, history: { size: 100, bytesMax } })
      const [first] = publishAll(
        mesh,
        0,
        'c',
        ['1', '2', '3'].map(text => text.padEnd(10, '.')),
      ) as [string] // of three
      equal(recover(mesh, 'c', before(first)) !== 'gap', kept)
      equal(recover(mesh, 'c', first) !== 'gap', true)
    }
  })

  test('a publication that alone is too large leaves nothing behind it', () => {
    const mesh = new Mesh({ workers: 1, history: { size: 100, bytesMax: 956 } })
    const positions = publishAll(mesh, 0, 'c', ['small', 'x'.repeat(101), 'small']) as [
      string,
      string,
      string,
    ] // one each
    deepEqual(recover(mesh, 'c', positions[0]), 'gap')
    deepEqual(recover(mesh, 'c', positions[1]), ['small'])
    equal(shard(mesh, 'historyBytes'), historyListBytes + 5 + historyEntryBytes)
  })

  test('by age: it is there until its time is over, and gone soon after', () => {
    const mesh = new Mesh({ workers: 1, history: { size: 100, ttlMs: 60_000 } })
    const [first] = publishAll(mesh, 0, 'c', ['old']) as [string] // of one
    mesh.clock.advance(30_000)
    const [second] = publishAll(mesh, 0, 'c', ['young']) as [string] // of one
    mesh.clock.advance(29_999)
    deepEqual(recover(mesh, 'c', before(first)), ['old', 'young'])
    mesh.clock.advance(5_001)
    deepEqual([recover(mesh, 'c', before(first)), recover(mesh, 'c', first)], ['gap', ['young']])
    mesh.clock.advance(30_000)
    deepEqual([recover(mesh, 'c', first), recover(mesh, 'c', second)], ['gap', []])
    equal(shard(mesh, 'historyBytes'), 0)
  })

  test('numbering goes on where all of history is gone', () => {
    const mesh = new Mesh({ workers: 1, history: { size: 100, ttlMs: 1_000 } })
    const first = publishedOf(mesh.publish(0, 'c', 'x'))
    mesh.clock.advance(10_000)
    const second = publishedOf(mesh.publish(0, 'c', 'y'))
    deepEqual([second.epoch, second.offset], [first.epoch, first.offset + 1])
  })
})

describe('law 9, history of a worker', () => {
  const entry = 10 + historyEntryBytes

  /** Six publications in four channels: with a seventh one the oldest has to go. */
  const workerBytesMax = 4 * historyListBytes + 6 * entry

  /** Three channels with two publications each, `c` the longest not published to, and one with a single one. */
  function scene(): { mesh: Mesh; first: Record<string, string> } {
    const mesh = new Mesh({ workers: 1, history: { size: 100, workerBytesMax } })
    const first: Record<string, string> = {}
    for (const channel of ['c', 'a', 'b']) {
      const [position] = publishAll(mesh, 0, channel, ['1.........', '2.........']) as [string] // of two
      first[channel] = before(position)
    }
    mesh.publish(0, 'd', '')
    return { mesh, first }
  }

  test('up to the bound all is kept', () => {
    const exact = 3 * historyListBytes + 6 * entry
    const mesh = new Mesh({ workers: 1, history: { size: 100, workerBytesMax: exact } })
    for (const channel of ['a', 'b', 'c']) publishAll(mesh, 0, channel, ['1.........', '2.........'])
    deepEqual([shard(mesh, 'historyBytes'), shard(mesh, 'historyEvicted')], [exact, 0])
  })

  test('beyond it the channel longest not published to loses its oldest, and only that is a gap', () => {
    const { mesh, first } = scene()
    equal(shard(mesh, 'historyEvicted'), 1)
    const [a, b, c] = ['a', 'b', 'c'].map(channel => recover(mesh, channel, first[channel]!)) // set by scene
    deepEqual([a?.length, b?.length, c], [2, 2, 'gap'])
    equal(
      recover(
        mesh,
        'c',
        first['c']!.replace(/\d+$/, n => `${Number(n) + 1}`),
      ).length,
      1,
    ) // set by scene
    ok((shard(mesh, 'historyBytes') ?? 0) <= workerBytesMax)
  })

  test('being published to again puts a channel last', () => {
    const mesh = new Mesh({
      workers: 1,
      history: { size: 100, workerBytesMax: 3 * (historyListBytes + entry) },
    })
    const [a] = publishAll(mesh, 0, 'a', ['1.........']) as [string] // of one
    const [b] = publishAll(mesh, 0, 'b', ['1.........']) as [string] // of one
    publishAll(mesh, 0, 'a', ['2.........'])
    publishAll(mesh, 0, 'c', ['1.........'])
    deepEqual([recover(mesh, 'a', before(a)).length, recover(mesh, 'b', before(b))], [2, 'gap'])
  })

  test('it goes on with the next channel once one has nothing left', () => {
    const { mesh, first } = scene()
    publishAll(
      mesh,
      0,
      'd',
      texts(3).map(text => text.padEnd(10, '.')),
    )
    const [a, b, c] = ['a', 'b', 'c'].map(channel => recover(mesh, channel, first[channel]!)) // set by scene
    deepEqual([a, b?.length, c], ['gap', 2, 'gap'])
    equal(shard(mesh, 'historyEvicted'), 4)
  })
})
