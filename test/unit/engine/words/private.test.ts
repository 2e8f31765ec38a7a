// Law 19: names of private channels are minted and never parsed; what reads them.
import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ownerMapOf, ringFor } from '../../../../src/app/node.ts'
import { channelNamespaces } from '../../../../src/engine/words/access.ts'
import { defaultNamespace } from '../../../../src/engine/words/namespace.ts'
import { patternFault } from '../../../../src/engine/words/pattern.ts'
import {
  groupOf,
  homeKeyOf,
  isPrivate,
  isPrivateName,
  privateChannel,
  privatePattern,
} from '../../../../src/engine/words/private.ts'
import { parseChannelName } from '../../../../src/engine/words/publication.ts'
import { engineDefaults, historyDefaults } from '../../../helpers/mesh.ts'

const name = privateChannel('pushwire/data', 'k')

describe('law 19, names of private channels', () => {
  test('say their group and their key, and no text that is parsed is one', () => {
    deepEqual([isPrivate(name), isPrivateName(name)], [true, true])
    deepEqual([groupOf(name), homeKeyOf(name)], ['pushwire/data', 'k'])
    equal(parseChannelName(name), undefined)
    equal(patternFault(privatePattern('pushwire/data')), 'begins with U+0001, as no name of a channel does')
  })

  test('differ by group and by key', () => {
    const pairs = [
      ['a', 'k'],
      ['a', 'l'],
      ['b', 'k'],
      ['a/b', 'k'],
    ] as const
    equal(new Set(pairs.map(([group, key]) => privateChannel(group, key))).size, pairs.length)
  })

  test('a channel that has a name is at home by it, and in no group', () => {
    for (const text of ['', 'a', 'a\u0001b\u0001c']) {
      deepEqual([isPrivate(text), groupOf(text), homeKeyOf(text)], [false, undefined, text])
    }
  })

  test('what cannot be one is a bug, and none in a file', () => {
    const bad = [
      ['', 'k'],
      ['A', 'k'],
      ['a\u0001', 'k'],
      ['a', ''],
      ['a', 'k\u0001'],
      ['a', '\ud800'],
      ['a', 'k'.repeat(1_022)],
    ] as const
    for (const [group, key] of bad) {
      throws(() => privateChannel(group, key), RangeError)
      equal(isPrivateName(`\u0001${group}\u0001${key}`), false)
    }
    equal(isPrivateName(privateChannel('a', 'k'.repeat(1_021))), true)
    for (const text of ['', 'a', '\u0001', '\u0001a', '\u0001a\u0001']) equal(isPrivateName(text), false)
  })

  test('all of one key are at home with one worker, whichever map the node has', () => {
    for (const ring of [
      ringFor(5, []),
      ringFor(5, [['h:1', 'h:2', 'h:3', 'h:4', 'h:5']]),
      ringFor(5, [['a'], ['b']]),
    ]) {
      const ownerOf = ownerMapOf(ring)
      const homes = new Set<number>()
      for (let n = 0; n < 50; n++) {
        const home = ownerOf(`k${n}`)
        homes.add(home)
        for (const group of ['pushwire', 'pushwire/data'])
          equal(ownerOf(privateChannel(group, `k${n}`)), home)
      }
      equal(homes.size > 1, true)
    }
  })
})

describe('law 19, who may use a private channel', () => {
  const base = defaultNamespace(engineDefaults, historyDefaults)
  const group = {
    ...base,
    pattern: privatePattern('p/data'),
    historySize: 256,
    publish: ['p'],
    subscribe: ['p'],
  }
  const all = { ...base, pattern: '*', historySize: 9 }
  const lists = new Map([['p', { publish: ['x*'], subscribe: ['x*'] }]])

  for (const more of [0, 20]) {
    const others = Array.from({ length: more }, (_, index) => ({ ...base, pattern: `o${index}` }))
    const resolve = channelNamespaces([...others, all, group, base], lists)

    test(`its group's front-end, by its group's defaults, among ${more} other namespaces`, () => {
      for (const key of ['k', 'o1']) {
        const { historySize, publish, subscribe, publishBarred, subscribeBarred } = resolve(
          privateChannel('p/data', key),
        )
        deepEqual([historySize, publish, subscribe], [256, ['p'], ['p']])
        deepEqual([publishBarred, subscribeBarred], [[], []])
      }
    })

    test(`nobody where no group is declared, among ${more} other namespaces`, () => {
      const { publish, subscribe } = resolve(privateChannel('p', 'k'))
      deepEqual([publish, subscribe], [[], []])
      equal(resolve(parseChannelName('x') ?? name).historySize, 9)
    })
  }
})
