// Law 13: a draft that comes again under its key is answered with the first position, and published once.
import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Channels } from '../../../../src/engine/owner/channels.ts'
import { channelNamespaces } from '../../../../src/engine/words/access.ts'
import { defaultNamespace } from '../../../../src/engine/words/namespace.ts'
import { parseEpoch, parseOffset } from '../../../../src/engine/words/position.ts'
import type { Published } from '../../../../src/engine/words/publication.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { channelName, engineDefaults, historyDefaults, Mesh } from '../../../helpers/mesh.ts'
import { keysBytesOf, publishedOf } from '../../../helpers/published.ts'

function send(mesh: Mesh, slot: number, channel: string, idempotencyKey: string): Published {
  const outcomes = mesh.publish(slot, channel, `${idempotencyKey} from ${slot}`, { idempotencyKey })
  mesh.settle()
  return publishedOf(outcomes)
}

describe('law 13, idempotency', () => {
  test('a repeat gets the first position, says so, and is delivered once, from any worker', () => {
    const mesh = new Mesh()
    const subscribers = [0, 1].map(slot => mesh.subscribe(slot, 'c0'))
    mesh.settle()
    const [first, ...repeats] = [2, 0, 1, 2].map(slot => send(mesh, slot, 'c0', 'key'))
    equal(first?.duplicate, false)
    for (const repeat of repeats) deepEqual(repeat, { ...first, duplicate: true })
    for (const { received } of subscribers) deepEqual(received, ['key from 2'])
    const { publications, duplicates } = mesh.engines[0]?.statistics().shard ?? {}
    deepEqual([publications, duplicates], [1, 3])
  })

  test('two that are under way at once are one', () => {
    const mesh = new Mesh()
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    const outcomes = [1, 2].map(slot => mesh.publish(slot, 'c0', 'x', { idempotencyKey: 'key' }))
    mesh.settle()
    const [one, other] = outcomes.map(publishedOf)
    equal(one?.offset, other?.offset)
    deepEqual([one?.duplicate, other?.duplicate].sort(), [false, true])
    deepEqual(subscriber.received, ['x'])
  })

  test('what there was no memory for has no place and no key: tried again, it is published', () => {
    const mesh = new Mesh({ workers: 1, history: { size: 10, ttlMs: 60_000 } })
    const { offset = 0 } = publishedOf(mesh.publish(0, 'c0', 'before'))
    const payload = Buffer.from('x')
    Object.defineProperty(payload, 'buffer', {
      get: () => {
        throw new RangeError('Array buffer allocation failed')
      },
    })
    const draft = { channel: channelName('c0'), content: { kind: 'text', payload }, via: 'test' } as const
    throws(() => mesh.engines[0]?.publish({ ...draft, idempotencyKey: 'key' }, () => {}), /allocation failed/)
    const again = send(mesh, 0, 'c0', 'key')
    deepEqual([again.duplicate, again.offset], [false, offset + 1])
    const reader = mesh.subscribe(
      0,
      'c0',
      new FakeSubscriber({ tells: true }),
      `${again.epoch}.${offset - 1}`,
    )
    mesh.settle()
    deepEqual([reader.resumedWithGap, reader.received], [false, ['before', 'key from 0']])
  })

  test('a repeat is told the subscribers of now', () => {
    const mesh = new Mesh()
    equal(send(mesh, 1, 'c0', 'key').subscribers, 0)
    mesh.subscribe(2, 'c0')
    mesh.settle()
    equal(send(mesh, 1, 'c0', 'key').subscribers, 1)
  })

  test('a key means its own channel only, and a draft without one is never a repeat', () => {
    const mesh = new Mesh()
    const duplicates = [
      send(mesh, 1, 'c0', 'key'),
      send(mesh, 1, 'd0', 'key'),
      send(mesh, 1, 'c0', 'other'),
      publishedOf(mesh.publish(0, 'c0', 'x')),
      publishedOf(mesh.publish(0, 'c0', 'x')),
    ].map(({ duplicate }) => duplicate)
    deepEqual(duplicates, [false, false, false, false, false])
  })

  test('a key is forgotten after five minutes, not before', () => {
    const mesh = new Mesh()
    const first = send(mesh, 1, 'c0', 'key')
    mesh.clock.advance(5 * 60_000 - 1)
    equal(send(mesh, 1, 'c0', 'key').duplicate, true)
    mesh.clock.advance(1)
    const later = send(mesh, 1, 'c0', 'key')
    deepEqual([later.duplicate, later.offset], [false, first.offset + 1])
    mesh.clock.advance(5 * 60_000 - 1)
    equal(send(mesh, 1, 'c0', 'key').duplicate, true, 'five minutes from then')
  })

  test('a channel remembers a thousand keys, and forgets the oldest of more', () => {
    const mesh = new Mesh({ workers: 1 })
    for (let n = 0; n < 1_000; n++) mesh.publish(0, 'c', 'x', { idempotencyKey: `${n}` })
    equal(send(mesh, 0, 'c', '0').duplicate, true)
    equal(send(mesh, 0, 'c', '1000').duplicate, false)
    equal(send(mesh, 0, 'c', '1').duplicate, true)
    equal(send(mesh, 0, 'c', '0').duplicate, false)
  })

  test('a worker remembers so many bytes in all, and the channel longest without a new one loses its oldest first', () => {
    const idempotencyWorkerBytesMax = keysBytesOf([1, 1], [1])
    const mesh = new Mesh({ workers: 1, settings: { idempotencyWorkerBytesMax } })
    const all = [
      ['a', '1'],
      ['a', '2'],
      ['b', '1'],
      ['b', '2'],
    ] as const
    for (const [channel, key] of all) equal(send(mesh, 0, channel, key).duplicate, false)
    equal(mesh.engines[0]?.statistics().shard['keysForgotten'], 1)
    const known = [
      ['a', '2'],
      ['b', '1'],
      ['b', '2'],
      ['a', '1'],
    ] as const
    deepEqual(
      known.map(([channel, key]) => send(mesh, 0, channel, key).duplicate),
      [true, true, true, false],
    )
    equal(send(mesh, 0, 'b', '1').duplicate, false, 'b was the longest without a new one')
  })

  test('what fits to the last byte is remembered', () => {
    for (const [spare, forgotten] of [
      [0, 0],
      [-1, 1],
    ] as const) {
      const idempotencyWorkerBytesMax = keysBytesOf([255, 1], [36]) + spare
      const mesh = new Mesh({ workers: 1, settings: { idempotencyWorkerBytesMax } })
      for (const [channel, key] of [
        ['a', 'k'.repeat(255)],
        ['a', '1'],
        ['b', 'k'.repeat(36)],
      ] as const) {
        send(mesh, 0, channel, key)
      }
      const { keysForgotten, keysBytes } = mesh.engines[0]?.statistics().shard ?? {}
      deepEqual(
        [keysForgotten, keysBytes],
        [forgotten, forgotten ? keysBytesOf([1], [36]) : keysBytesOf([255, 1], [36])],
      )
      equal(send(mesh, 0, 'a', '1').duplicate, true)
      equal(send(mesh, 0, 'a', 'k'.repeat(255)).duplicate, forgotten === 0)
    }
  })

  test('keys that are too old take nothing', () => {
    const mesh = new Mesh({ workers: 1 })
    for (const channel of ['a', 'b']) for (const key of ['1', '2']) send(mesh, 0, channel, key)
    equal(mesh.engines[0]?.statistics().shard['keysBytes'], keysBytesOf([1, 1], [1, 1]))
    mesh.clock.advance(5 * 60_000)
    equal(mesh.engines[0]?.statistics().shard['keysBytes'], 0)
  })

  test('the keys of a forgotten channel make room', () => {
    const idempotencyWorkerBytesMax = keysBytesOf([1, 1])
    const mesh = new Mesh({ workers: 1, settings: { idempotencyWorkerBytesMax, idleChannelsMax: 1 } })
    for (const [channel, key] of [
      ['a', '1'],
      ['b', '1'],
      ['b', '2'],
      ['b', '1'],
    ] as const) {
      send(mesh, 0, channel, key)
    }
    const { forgotten, keysForgotten, duplicates } = mesh.engines[0]?.statistics().shard ?? {}
    deepEqual([forgotten, keysForgotten, duplicates], [1, 0, 1])
  })

  test('a key that is too old is dropped within seconds, and is in no snapshot', () => {
    const clock = new FakeClock()
    const channels = new Channels({
      clock,
      namespaceOf: channelNamespaces([defaultNamespace(engineDefaults, historyDefaults)], undefined),
      mintEpoch: () => parseEpoch('e'),
      seed: () => parseOffset(1),
      idempotency: { ...engineDefaults, idempotencyMs: 1_000 },
      idleChannelsMax: 1,
      idlePrivateChannelsMax: 1,
      idlePrivateMs: 1_000,
      awaitedMs: 1_000,
      awaitedChannelsMax: 1,
      historyBytesMax: 0,
    })
    const channel = channels.touch(channelName('c'))
    channels.keepKey(channel, 'old', parseOffset(1))
    clock.advance(1_000)
    deepEqual(channel.keys?.entries(clock.now()), [])
    clock.advance(3_500)
    channels.keepKey(channel, 'young', parseOffset(2))
    clock.advance(500)
    equal(channel.keys?.size, 1)
    clock.advance(5_000)
    equal(channel.keys, undefined)
  })

  test('a refused publish does not use up its key', () => {
    const mesh = new Mesh({ namespaces: [{ pattern: 'c*', publish: ['test'] }] })
    deepEqual(mesh.publish(0, 'c0', 'x', { idempotencyKey: 'key', via: 'other' }), ['not-allowed'])
    equal(send(mesh, 0, 'c0', 'key').duplicate, false)
  })

  test('the keys are lost with the epoch', () => {
    const mesh = new Mesh()
    const first = send(mesh, 1, 'c0', 'key')
    mesh.kill(0, { farewell: false })
    mesh.start(0)
    mesh.settle()
    const again = send(mesh, 1, 'c0', 'key')
    equal(again.duplicate, false)
    ok(again.epoch !== first.epoch)
  })
})
