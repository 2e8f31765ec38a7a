// Namespaces as an operator writes them: each mistake is named where it is.
import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfiguration } from '../../../src/app/configuration.ts'
import {
  type EngineSettings,
  engineSection,
  type HistorySettings,
  historySection,
} from '../../../src/engine/settings.ts'
import { defaultNamespace } from '../../../src/engine/words/namespace.ts'
import { bareFrontend } from '../../helpers/bare-frontend.ts'
import { defaultsOf } from '../../helpers/defaults.ts'

const base = defaultNamespace(
  defaultsOf<EngineSettings>(engineSection.fields),
  defaultsOf<HistorySettings>(historySection.fields),
)

const gate = bareFrontend('gate')

const parse = (text: string) =>
  readConfiguration(
    [gate],
    { environment: { RINGCAST_NAMESPACES: text } },
    { hex: bytes => '5a'.repeat(bytes) },
  )

function mistakesOf(value: unknown): readonly string[] {
  const { mistakes } = parse(typeof value === 'string' ? value : JSON.stringify(value))
  return mistakes.map(mistake => mistake.replaceAll('RINGCAST_NAMESPACES', 'namespaces'))
}

const known =
  'pattern, historySize, historyTtlMs, historyBytesMax, policy, priority, outboxBytesMax, outboxAgeMsMax, subscribersMax, publish, subscribe'

describe('namespaces, as they are written', () => {
  const mistaken: readonly (readonly [value: unknown, mistakes: readonly string[]])[] = [
    [{}, ['namespaces must be a list of objects']],
    ['null', ['namespaces must be a list of objects']],
    [[7], ['namespaces[0] must be an object']],
    [[null], ['namespaces[0] must be an object']],
    [[['pattern']], ['namespaces[0] must be an object']],
    [[{}], ['namespaces[0].pattern is missing']],
    [[{ pattern: 7 }], ['namespaces[0].pattern must be text']],
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
    [[{ pattern: 'a', priority: 'urgent' }], ['namespaces[0].priority must be one of high, normal, low']],
    [[{ pattern: 'a', publish: 'gate' }], ['namespaces[0].publish must be a list of texts']],
    [[{ pattern: 'a', subscribe: ['gate', 7] }], ['namespaces[0].subscribe must be a list of texts']],
    [
      [{ pattern: 'a', publish: ['gate', 'grid'], subscribe: ['XYZZY'] }],
      [
        'namespaces[0].publish has grid, which is unknown',
        'namespaces[0].subscribe has XYZZY, which is unknown',
      ],
    ],
    [
      [{ pattern: '*' }, { pattern: 'a' }, { pattern: 'a*' }],
      [
        'namespaces[1] can never count: namespaces[0] stands before it, and fits all its channels',
        'namespaces[2] can never count: namespaces[0] stands before it, and fits all its channels',
      ],
    ],
    [
      [{ pattern: 'a*' }, { pattern: 'b' }, { pattern: 'a*b*' }, { pattern: 'b' }],
      [
        'namespaces[2] can never count: namespaces[0] stands before it, and fits all its channels',
        'namespaces[3] can never count: namespaces[1] stands before it, and fits all its channels',
      ],
    ],
    [[{ pattern: '\u0001*' }], ['namespaces[0].pattern begins with U+0001, as no name of a channel does']],
    [
      [{ pattern: `*${'x'.repeat(1_025)}` }],
      ['namespaces[0].pattern is longer than the name of any channel'],
    ],
    [
      [{ pattern: 'a' }, { pattern: 'b', historySize: -1, policy: 1 }, 'c'],
      [
        'namespaces[1].historySize must be a whole number from 0 to 1000000',
        'namespaces[1].policy must be one of disconnect, drop-oldest, latest, catch-up',
        'namespaces[2] must be an object',
      ],
    ],
  ]
  for (const [value, mistakes] of mistaken) {
    test(`a mistake is named: ${JSON.stringify(value)}`, () => deepEqual(mistakesOf(value), mistakes))
  }

  test('what is not JSON says so', () => {
    deepEqual(mistakesOf('['), [
      "namespaces must be a list of up to 1000 objects (in a variable or flag: JSON), not '['",
    ])
  })

  test('a thousand may be written, and no more', () => {
    const all = Array.from({ length: 1_001 }, (_, index) => ({ pattern: `c${index}` }))
    deepEqual(mistakesOf(all), ['namespaces has 1001 entries, and 1000 are allowed'])
    deepEqual(mistakesOf(all.slice(1)), [])
  })

  test('what fits only some of the channels of one before it counts, and so does an empty list', () => {
    const patterns = ['a', 'a*', '*a', 'b*', '*']
    deepEqual(mistakesOf(patterns.map(pattern => ({ pattern, publish: [] }))), [])
    deepEqual(mistakesOf([{ pattern: `*${'x'.repeat(1_024)}`, subscribe: ['admin', 'gate'] }]), [])
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
    for (const text of ['', '[]']) deepEqual([parse(text).namespaces, parse(text).mistakes], [[base], []])
    const own = { pattern: 'a-*', historySize: 7, policy: 'latest', publish: ['gate'] } as const
    const { namespaces, mistakes } = parse(JSON.stringify([own]))
    deepEqual([namespaces, mistakes], [[{ ...base, ...own }, base], []])
  })

  test('a mistake is named by where the list comes from', () => {
    const flags = new Map([['namespaces', '[{"pattern":"a","publish":["grid"]},{"pattern":"a"}]']])
    const { mistakes } = readConfiguration([gate], { environment: {}, flags }, { hex: () => '5a' })
    deepEqual(mistakes, [
      '--namespaces[0].publish has grid, which is unknown',
      '--namespaces[1] can never count: --namespaces[0] stands before it, and fits all its channels',
    ])
  })
})
