// Which channels a front-end may use: its own list and the channel's namespace must both let it.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Access, channelNamespaces } from '../../../../src/engine/words/access.ts'
import { defaultNamespace } from '../../../../src/engine/words/namespace.ts'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { channelName, engineDefaults, historyDefaults, Mesh } from '../../../helpers/mesh.ts'
import { publishAll } from '../../../helpers/published.ts'

const access: Access = new Map([
  ['narrow', { publish: ['news-*', 'a0'], subscribe: ['news-*', 'public-*'] }],
  ['reader', { publish: ['nothing'], subscribe: [] }],
  ['open', { publish: [], subscribe: [] }],
])

/** Whether each front-end may publish to the channel and subscribe to it, as the worker in the slot says. */
function uses(mesh: Mesh, slot: number, channel: string) {
  return ['narrow', 'reader', 'open', 'unlisted'].map(via => {
    const published = mesh.publish(slot, channel, 'x', { via })
    const subscribed = mesh.engines[slot]?.subscribe(channelName(channel), new FakeSubscriber(), { via })
    mesh.settle()
    return [published[0], subscribed].map(outcome => (typeof outcome === 'object' ? 'yes' : outcome))
  })
}

function watch(mesh: Mesh, pattern: string, via: string) {
  const subscriber = new FakeSubscriber()
  const outcome = mesh.engines[1]?.subscribePattern(channelName(pattern), subscriber, { via })
  mesh.settle()
  return { outcome: typeof outcome === 'string' ? outcome : 'yes', subscriber }
}

const no = 'not-allowed'

describe('lists of a front-end', () => {
  const expected = {
    'news-0': [
      ['yes', 'yes'],
      [no, 'yes'],
      ['yes', 'yes'],
      ['yes', 'yes'],
    ],
    'public-0': [
      [no, 'yes'],
      [no, 'yes'],
      ['yes', 'yes'],
      ['yes', 'yes'],
    ],
    a0: [
      ['yes', no],
      [no, 'yes'],
      ['yes', 'yes'],
      ['yes', 'yes'],
    ],
    'other-0': [
      [no, no],
      [no, 'yes'],
      ['yes', 'yes'],
      ['yes', 'yes'],
    ],
  }
  for (const [channel, answers] of Object.entries(expected)) {
    test(`hold for ${channel}, on its owner's worker and on another, before it is known and after`, () => {
      for (const slot of [0, 1]) {
        const mesh = new Mesh({ access })
        for (let n = 0; n < 2; n++) deepEqual(uses(mesh, slot, channel), answers)
      }
    })
  }

  test('a refused publish makes no channel, and a refused subscription no attach', () => {
    const mesh = new Mesh({ access })
    deepEqual(mesh.publish(0, 'other-0', 'x', { via: 'narrow' }), [no])
    equal(mesh.engines[1]?.subscribe(channelName('other-0'), new FakeSubscriber(), { via: 'narrow' }), no)
    mesh.settle()
    const [owner, other] = mesh.engines.map(engine => engine?.statistics())
    deepEqual([owner?.shard['channels'], other?.hub['channels']], [0, 0])
    deepEqual([owner?.shard['refused.not-allowed'], other?.hub['refused.not-allowed']], [1, 1])
  })

  test('the namespace and the list must both let a front-end', () => {
    const namespaces = [
      { pattern: 'news-secret-*', publish: ['open'], subscribe: ['open'] },
      { pattern: 'other-*', publish: ['narrow'], subscribe: ['narrow'] },
    ]
    const mesh = new Mesh({ access, namespaces })
    deepEqual(uses(mesh, 1, 'news-secret-0'), [
      [no, no],
      [no, no],
      ['yes', 'yes'],
      [no, no],
    ])
    deepEqual(uses(mesh, 1, 'other-0'), Array(4).fill([no, no]))
  })

  test('hold for the workers that follow a dead one', () => {
    const mesh = new Mesh({ access })
    uses(mesh, 1, 'other-0')
    mesh.kill(0)
    mesh.start(0)
    mesh.settle()
    deepEqual(uses(mesh, 1, 'other-0'), expected['other-0'])
  })
})

describe('lists of a front-end, and patterns', () => {
  test('a pattern is taken if one of the list holds all that it can match', () => {
    const mesh = new Mesh({ access })
    for (const [pattern, outcome] of [
      ['news-*', 'yes'],
      ['news-sport-*', 'yes'],
      ['news-*-*', 'yes'],
      ['public-0', 'yes'],
      ['*', no],
      ['news*', no],
      ['*news-*', no],
    ] as const) {
      equal(watch(mesh, pattern, 'narrow').outcome, outcome, pattern)
      equal(watch(mesh, pattern, 'reader').outcome, 'yes', pattern)
    }
    equal(mesh.engines[1]?.statistics().hub['refused.not-allowed'], 3)
  })

  test('one that is refused leaves no watch behind', () => {
    const mesh = new Mesh({ access })
    watch(mesh, '*', 'narrow')
    mesh.publish(0, 'other-0', 'x')
    equal(mesh.engines[1]?.statistics().hub['patterns'], 0)
    deepEqual(mesh.link(0, 1).queued, [])
  })

  test('windows are per front-end: each brings what its own list and the namespace of a channel let it have', () => {
    const namespaces = [{ pattern: 'news-secret-*', subscribe: ['open'] }]
    const mesh = new Mesh({ access, namespaces })
    const readers = ['narrow', 'open', 'reader'].map(via => watch(mesh, 'news-*', via).subscriber)
    const all = watch(mesh, '*', 'open').subscriber
    for (let n = 0; n < 2; n++) {
      for (const channel of ['news-0', 'news-secret-0', 'other-0']) publishAll(mesh, 0, channel, [channel])
    }
    const twice = (...channels: string[]) => [...channels, ...channels]
    deepEqual(
      [...readers, all].map(({ received }) => received),
      [
        twice('news-0'),
        twice('news-0', 'news-secret-0'),
        twice('news-0'),
        twice('news-0', 'news-secret-0', 'other-0'),
      ],
    )
  })

  test('who reads a channel is found anew when a pattern comes or goes', () => {
    const mesh = new Mesh({ access })
    const first = watch(mesh, 'news-*', 'narrow').subscriber
    publishAll(mesh, 0, 'news-0', ['one'])
    const second = new FakeSubscriber()
    const joined = mesh.engines[1]?.subscribePattern(channelName('*'), second, { via: 'open' })
    mesh.settle()
    publishAll(mesh, 0, 'news-0', ['two'])
    if (typeof joined === 'object') mesh.engines[1]?.unsubscribe(joined)
    publishAll(mesh, 0, 'news-0', ['three'])
    deepEqual([first.received, second.received], [['one', 'two', 'three'], ['two']])
  })

  test('more channels than are remembered are still read', () => {
    const mesh = new Mesh({ workers: 1 })
    const subscriber = new FakeSubscriber()
    mesh.engines[0]?.subscribePattern(channelName('*'), subscriber, { via: 'open' })
    for (let n = 0; n < 10_001; n++) mesh.publish(0, `c${n}`, `${n}`)
    mesh.publish(0, 'c0', 'again')
    mesh.settle()
    deepEqual([subscriber.received.length, subscriber.received.at(-1)], [10_002, 'again'])
  })
})

describe('lists of a front-end, as they are resolved', () => {
  test('channels with one namespace and the same front-ends barred share a record', () => {
    const base = defaultNamespace(engineDefaults, historyDefaults)
    const namespaceOf = channelNamespaces([{ ...base, pattern: 'news-x*' }, base], access)
    const [one, two, other, special] = ['news-1', 'news-2', 'b', 'news-x'].map(name =>
      namespaceOf(channelName(name)),
    )
    equal(one, two)
    deepEqual([one?.publishBarred, one?.subscribeBarred], [['reader'], []])
    deepEqual([other?.publishBarred, other?.subscribeBarred], [['narrow', 'reader'], ['narrow']])
    deepEqual([special?.pattern, one?.pattern], ['news-x*', '*'])
  })

  test('without lists nobody is barred', () => {
    const namespaceOf = channelNamespaces([defaultNamespace(engineDefaults, historyDefaults)])
    const { publishBarred, subscribeBarred } = namespaceOf(channelName('c'))
    deepEqual([publishBarred, subscribeBarred], [[], []])
  })
})

test('of many namespaces each channel has its own, however often and after however many others it is asked for', () => {
  const base = defaultNamespace(engineDefaults, historyDefaults)
  const namespaces = Array.from({ length: 20 }, (_, n) => ({ ...base, pattern: `n${n}-*` }))
  const namespaceOf = channelNamespaces([...namespaces, base], access)
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 10_100; n++) {
      const channel = channelName(`n${n % 25}-${n}`)
      const { pattern, publishBarred } = namespaceOf(channel)
      deepEqual([pattern, publishBarred], [n % 25 < 20 ? `n${n % 25}-*` : '*', ['narrow', 'reader']])
    }
  }
})
