// Law 14: what a stopping worker writes and a starting one takes is the whole of its channels.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChannelSnapshot } from '../../../../src/engine/owner/snapshot.ts'
import { packExact, unpack } from '../../../../src/std/msgpack.ts'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { Mesh, type MeshOptions } from '../../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../../helpers/published.ts'

const kept = { workers: 1, history: { size: 10, ttlMs: 60_000 } } as const

/** Stops a node and starts another one from its snapshot, as bytes, after some time. */
function restart(from: Mesh, options: MeshOptions, goneMs = 0): Mesh {
  const written = packExact(from.engines[0]?.snapshot())
  const to = new Mesh(options)
  to.kill(0)
  to.start(0, unpack(written) as ChannelSnapshot[], goneMs) // packed above
  return to
}

function recover(mesh: Mesh, channel: string, since: string | undefined): string[] | 'gap' {
  const subscriber = mesh.subscribe(0, channel, new FakeSubscriber(), since)
  mesh.settle()
  return subscriber.resumedWithGap === true ? 'gap' : [...subscriber.received]
}

describe('law 14, snapshot', () => {
  test('it has every channel with epoch, first and next offset, and its publications in order with their rest', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c', ['1', '2'])
    mesh.clock.advance(20_000)
    mesh.publish(0, 'c', '{"n":3}', { content: { kind: 'json', payload: Buffer.from('{"n":3}') } })
    mesh.subscribe(0, 'quiet')
    const [epoch, first] = positions[0]!.split('.') // of two
    const snapshot = mesh.engines[0]
      ?.snapshot()
      .map(([name, of, from, next, entries]) => [
        name,
        of,
        from,
        next,
        entries.map(([leftMs, [at, kind, payload]]) => [leftMs, at, kind, Buffer.from(payload).toString()]),
      ])
    const offset = Number(first)
    deepEqual(snapshot?.[1], [
      'c',
      epoch,
      offset,
      offset + 3,
      [
        [40_000, offset, 1, '1'],
        [40_000, offset + 1, 1, '2'],
        [60_000, offset + 2, 0, '{"n":3}'],
      ],
    ])
    deepEqual([snapshot?.[0]?.[0], snapshot?.[0]?.[4]], ['quiet', []])
  })

  test('a restarted node has the same snapshot', () => {
    const mesh = new Mesh(kept)
    publishAll(mesh, 0, 'c', texts(4))
    publishAll(mesh, 0, 'd', texts(12))
    mesh.subscribe(0, 'a')
    const after = restart(mesh, kept)
    deepEqual(packExact(after.engines[0]?.snapshot()), packExact(mesh.engines[0]?.snapshot()))
  })

  test('clients recover across it, with and without an epoch, and the numbering goes on', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c', texts(4))
    const after = restart(mesh, kept)
    const bare = positions[1]?.split('.')[1]
    const crowd = [positions[0], bare, positions[3]].map(since =>
      after.subscribe(0, 'c', new FakeSubscriber(), since),
    )
    const [next] = publishAll(after, 0, 'c', ['4'])
    deepEqual(
      crowd.map(({ received }) => received),
      [texts(4, 1), texts(3, 2), ['4']],
    )
    const [epoch, offset] = positions[3]!.split('.') // of four
    equal(next, `${epoch}.${Number(offset) + 1}`)
  })

  test('a bare offset older than the first of the epoch is a gap after it as before it', () => {
    const mesh = new Mesh(kept)
    const [first] = publishAll(mesh, 0, 'c', texts(2))
    const offset = Number(first?.split('.')[1])
    const after = restart(mesh, kept)
    deepEqual(
      [recover(after, 'c', `${offset - 1}`), recover(after, 'c', `${offset - 2}`)],
      [['0', '1'], 'gap'],
    )
  })

  test('time that passed in between counts: what is too old is gone, the rest lives no longer than it would have', () => {
    const mesh = new Mesh(kept)
    const [old, young] = publishAll(mesh, 0, 'c', ['old', 'young'])
    const epochBefore = old?.split('.')[0]
    mesh.clock.advance(30_000)
    publishAll(mesh, 0, 'c', ['youngest'])
    deepEqual(recover(restart(mesh, kept, 29_999), 'c', old), ['young', 'youngest'])
    const after = restart(mesh, kept, 30_000)
    deepEqual([recover(after, 'c', old), recover(after, 'c', young)], ['gap', ['youngest']])
    after.clock.advance(35_001)
    equal(recover(after, 'c', young), 'gap')
    equal(publishedOf(after.publish(0, 'c', 'x')).epoch, epochBefore, 'the numbering outlives history')
  })

  test('smaller limits than before keep the newest', () => {
    const mesh = new Mesh(kept)
    const positions = publishAll(mesh, 0, 'c', texts(5))
    const after = restart(mesh, { workers: 1, history: { size: 2 } })
    deepEqual([recover(after, 'c', positions[1]), recover(after, 'c', positions[2])], ['gap', ['3', '4']])
    const none = restart(mesh, { workers: 1 })
    deepEqual([recover(none, 'c', positions[3]), recover(none, 'c', positions[4])], ['gap', []])
  })

  test('the bound of the worker holds for what is restored, and the first to go is the longest not published to', () => {
    const mesh = new Mesh(kept)
    mesh.subscribe(0, 'old')
    const [first] = publishAll(mesh, 0, 'old', ['1', '2'])
    const [second] = publishAll(mesh, 0, 'new', ['1', '2'])
    const bytes = mesh.engines[0]?.statistics().shard['historyBytes'] ?? 0
    const after = restart(mesh, { workers: 1, history: { size: 10, workerBytesMax: bytes - 1 } })
    const oneBefore = (position = '') => position.replace(/\d+$/, offset => `${Number(offset) - 1}`)
    equal(recover(after, 'old', oneBefore(first)), 'gap')
    deepEqual(recover(after, 'new', oneBefore(second)), ['1', '2'])
  })

  test('an empty snapshot is a start from nothing', () => {
    const mesh = new Mesh(kept)
    const [position] = publishAll(mesh, 0, 'c', ['x'])
    const after = new Mesh(kept)
    after.kill(0)
    after.start(0, [])
    equal(recover(after, 'c', position?.replace(/^\w+/, 'lost')), 'gap')
    ok(publishedOf(after.publish(0, 'c', 'x')).offset > 0)
  })
})
