// Namespaces: settings by channel pattern, the first match a channel's own, and who may use a channel.
import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sequencingLimits } from '../../../../src/engine/bounds.ts'
import { Shard } from '../../../../src/engine/owner/shard.ts'
import { defaultNamespace, type Namespace, namespaceOf } from '../../../../src/engine/words/namespace.ts'
import { parseEpoch, parseOffset } from '../../../../src/engine/words/position.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { channelName, engineDefaults, historyDefaults, Mesh } from '../../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../../helpers/published.ts'

const base = defaultNamespace(engineDefaults, historyDefaults)

describe('namespaces, as they are found', () => {
  const namespaces: readonly Namespace[] = [
    { ...base, pattern: 'a-special' },
    { ...base, pattern: 'a-*' },
    { ...base, pattern: '*-z' },
    base,
  ]

  for (const [channel, pattern] of [
    ['a-special', 'a-special'],
    ['a-other', 'a-*'],
    ['a-z', 'a-*'],
    ['b-z', '*-z'],
    ['b', '*'],
    ['', '*'],
  ] as const) {
    test(`the first that matches '${channel}' is ${pattern}`, () => {
      equal(namespaceOf(namespaces, channel).pattern, pattern)
    })
  }

  test('a list that leaves a channel without one is a mistake of the program', () => {
    throws(() => namespaceOf(namespaces.slice(0, 1), 'b'))
  })

  test('a channel that hubs are attached to is matched as it becomes one, however often it is used', () => {
    let asked = 0
    const shard = new Shard({
      clock: new FakeClock(),
      namespaceOf: () => {
        asked++
        return { ...base, publishBarred: [], subscribeBarred: [] }
      },
      hub: () => undefined,
      mintEpoch: () => parseEpoch('e'),
      seed: () => parseOffset(1),
      idempotency: engineDefaults,
      idleChannelsMax: 10,
      idlePrivateChannelsMax: 10,
      idlePrivateMs: 1_000,
      awaitedMs: 1_000,
      awaitedChannelsMax: 10,
      historyBytesMax: 0,
      sequencing: sequencingLimits,
    })
    const content = { kind: 'text', payload: Buffer.from('x') } as const
    shard.spread.attach(0, ['c', 1, '', 0, false, 1])
    const atFirst = asked
    for (let n = 0; n < 5; n++) shard.publish({ channel: channelName('c'), content, via: 'test' }, () => {})
    shard.spread.attach(1, ['c', 1, '', 0, false, 1])
    equal(asked, atFirst)
  })

  test('each channel has the history and the bounds of its own', () => {
    const own = [
      { pattern: 'kept-*', historySize: 2 },
      { pattern: 'small-*', subscribersMax: 2 },
    ]
    const mesh = new Mesh({ namespaces: own })
    const kept = publishAll(mesh, 0, 'kept-0', texts(3))
    const other = publishAll(mesh, 0, 'other-0', texts(3))
    const [one, two] = [
      mesh.subscribe(1, 'kept-0', new FakeSubscriber(), kept[0]),
      mesh.subscribe(1, 'other-0', new FakeSubscriber(), other[0]),
    ]
    mesh.settle()
    deepEqual([one.received, two.resumedWithGap], [['1', '2'], true])
    const refusals = [1, 2, 3].map(() =>
      mesh.engines[1]?.subscribe(channelName('small-0'), new FakeSubscriber(), { via: 'test' }),
    )
    deepEqual(
      refusals.map(outcome => typeof outcome === 'string' && outcome),
      [false, false, 'overloaded'],
    )
  })
})

describe('namespaces, who may use a channel', () => {
  const namespaces = [{ pattern: 'guarded-*', publish: ['grip'], subscribe: ['grip', 'pushy'] }]

  test('a publish by another front-end is refused, here and over a link, and leaves nothing', () => {
    const mesh = new Mesh({ namespaces })
    const subscriber = mesh.subscribe(1, 'other-0')
    mesh.settle()
    for (const slot of [0, 1]) {
      const [refused, done] = ['pushy', 'grip'].map(via => mesh.publish(slot, 'guarded-0', 'x', { via }))
      mesh.settle()
      deepEqual(refused, ['not-allowed'])
      equal(publishedOf(done ?? []).duplicate, false)
    }
    equal(mesh.engines[0]?.statistics().shard['publications'], 2)
    deepEqual(subscriber.received, [])
  })

  test('a subscription by another front-end is refused, and the hub holds nothing of it', () => {
    const mesh = new Mesh({ namespaces })
    const subscribe = (via: string) =>
      mesh.engines[1]?.subscribe(channelName('guarded-0'), new FakeSubscriber(), { via })
    equal(subscribe('rpushd'), 'not-allowed')
    equal(mesh.engines[1]?.statistics().hub['channels'], 0)
    deepEqual(
      ['grip', 'pushy'].map(via => typeof subscribe(via)),
      ['object', 'object'],
    )
    equal(subscribe('rpushd'), 'not-allowed', 'even where others have it already')
  })

  test('an empty list is nobody', () => {
    const mesh = new Mesh({ workers: 1, namespaces: [{ pattern: 'c', publish: [] }] })
    deepEqual(mesh.publish(0, 'c', 'x'), ['not-allowed'])
  })
})
