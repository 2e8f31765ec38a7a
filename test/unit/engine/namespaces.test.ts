// Namespaces: settings by channel pattern, each mistake named where it is, the first match a channel's own, and who may
// use a channel.
import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  defaultNamespace,
  type Namespace,
  type NamespaceWords,
  namespaceOf,
  parseNamespaces,
} from '../../../src/engine/namespace.ts'
import { parseEpoch, parseOffset } from '../../../src/engine/publication.ts'
import { Shard } from '../../../src/engine/shard.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, engineDefaults, historyDefaults, Mesh } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'

const base = defaultNamespace(engineDefaults, historyDefaults)

const words: NamespaceWords = {
  vias: ['grip', 'pushy', 'admin'],
  unknown: (name, known) => {
    const meant = known.find(one => one.toLowerCase() === name.replaceAll('_', ''))
    return meant === undefined ? 'is unknown' : `is unknown; did you mean ${meant}?`
  },
}

const parse = (text: string) => parseNamespaces(text, base, words)

function mistakesOf(value: unknown): readonly string[] {
  return parse(typeof value === 'string' ? value : JSON.stringify(value)).mistakes
}

const known =
  'pattern, historySize, historyTtlMs, historyBytesMax, policy, outboxBytesMax, outboxAgeMsMax, subscribersMax, publish, subscribe'

describe('namespaces, as they are written', () => {
  const mistaken: readonly (readonly [value: unknown, mistakes: readonly string[]])[] = [
    [{}, ['namespaces: must be a list of objects, each with a pattern']],
    ['null', ['namespaces: must be a list of objects, each with a pattern']],
    [[7], ['namespaces[0]: must be an object with a pattern']],
    [[null], ['namespaces[0]: must be an object with a pattern']],
    [[['pattern']], ['namespaces[0]: must be an object with a pattern']],
    [[{}], ['namespaces[0]: must be an object with a pattern']],
    [[{ pattern: 7 }], ['namespaces[0]: must be an object with a pattern']],
    [[{ pattern: 'a', size: 1 }], [`namespaces[0].size is unknown; known are ${known}`]],
    [
      [{ pattern: 'a', history_size: 1 }],
      ['namespaces[0].history_size is unknown; did you mean historySize?'],
    ],
    [[{ pattern: 'a', constructor: 1 }], [`namespaces[0].constructor is unknown; known are ${known}`]],
    ['[{"pattern":"a","__proto__":{}}]', [`namespaces[0].__proto__ is unknown; known are ${known}`]],
    [
      [{ pattern: 'a', policy: 'drop' }],
      ['namespaces[0].policy must be one of disconnect, drop-oldest, latest, catch-up'],
    ],
    [[{ pattern: 'a', publish: 'grip' }], ['namespaces[0].publish must be a list of protocols']],
    [[{ pattern: 'a', subscribe: ['grip', 7] }], ['namespaces[0].subscribe must be a list of protocols']],
    [
      [{ pattern: 'a', publish: ['grip', 'grid'], subscribe: ['PUSHY'] }],
      [
        'namespaces[0].publish has grid, which is unknown',
        'namespaces[0].subscribe has PUSHY, which is unknown',
      ],
    ],
    [
      [{ pattern: '*' }, { pattern: 'a' }, 7, { pattern: 'a*' }],
      [
        'namespaces[1] can never count: namespaces[0] stands before it, and fits all its channels',
        'namespaces[2]: must be an object with a pattern',
        'namespaces[3] can never count: namespaces[0] stands before it, and fits all its channels',
      ],
    ],
    [
      [{ pattern: 'a*' }, { pattern: 'b' }, { pattern: 'a*b*' }, { pattern: 'b' }],
      [
        'namespaces[2] can never count: namespaces[0] stands before it, and fits all its channels',
        'namespaces[3] can never count: namespaces[1] stands before it, and fits all its channels',
      ],
    ],
    [
      [{ pattern: `*${'x'.repeat(1_025)}` }],
      ['namespaces[0].pattern is longer than the name of any channel'],
    ],
    [
      [{ pattern: 'a' }, { pattern: 'b', historySize: -1, policy: 1 }, 'c'],
      [
        'namespaces[1].historySize must be a whole number from 0 to 1000000',
        'namespaces[1].policy must be one of disconnect, drop-oldest, latest, catch-up',
        'namespaces[2]: must be an object with a pattern',
      ],
    ],
  ]
  for (const [value, mistakes] of mistaken) {
    test(`a mistake is named: ${JSON.stringify(value)}`, () => deepEqual(mistakesOf(value), mistakes))
  }

  test('what is not JSON says so', () => {
    deepEqual(
      mistakesOf('[').map(mistake => mistake.split(':').slice(0, 2)),
      [['namespaces', ' not JSON']],
    )
  })

  test('what fits only some of the channels of one before it counts, and so does an empty list', () => {
    const patterns = ['a', 'a*', '*a', 'b*', '*']
    deepEqual(mistakesOf(patterns.map(pattern => ({ pattern, publish: [] }))), [])
    deepEqual(mistakesOf([{ pattern: `*${'x'.repeat(1_024)}`, subscribe: ['admin', 'pushy'] }]), [])
  })

  const bounds = {
    historySize: [0, 1_000_000],
    historyTtlMs: [1, 2_592_000_000],
    historyBytesMax: [0, 1_073_741_824],
    outboxBytesMax: [4_096, 1_073_741_824],
    outboxAgeMsMax: [100, 600_000],
    subscribersMax: [1, 100_000_000],
  }
  for (const [field, [min = 0, max = 0]] of Object.entries(bounds)) {
    test(`${field} is a whole number from ${min} to ${max}`, () => {
      const mistake = [`namespaces[0].${field} must be a whole number from ${min} to ${max}`]
      for (const good of [min, max]) deepEqual(mistakesOf([{ pattern: 'a', [field]: good }]), [], `${good}`)
      for (const bad of [min - 1, max + 1, min + 0.5, `${min}`, null]) {
        deepEqual(mistakesOf([{ pattern: 'a', [field]: bad }]), mistake, `${bad}`)
      }
    })
  }

  test('nothing written is one namespace for all, and what an entry does not say is as in that one', () => {
    deepEqual(parse(''), { namespaces: [base], mistakes: [] })
    const own = { pattern: 'a-*', historySize: 7, policy: 'latest', publish: ['grip'] } as const
    deepEqual(parse(JSON.stringify([own])), {
      namespaces: [{ ...base, ...own }, base],
      mistakes: [],
    })
  })
})

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
      awaitedMs: 1_000,
      awaitedChannelsMax: 10,
      historyBytesMax: 0,
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
