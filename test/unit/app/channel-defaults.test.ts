import { deepEqual, equal, match, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfiguration } from '../../../src/app/configuration.ts'
import { frontends } from '../../../src/app/worker.ts'
import { channelNamespaces } from '../../../src/engine/words/access.ts'
import { isPrivate, privateChannel } from '../../../src/engine/words/private.ts'
import type { Frontend } from '../../../src/frontends/frontend.ts'
import { bareFrontend } from '../../helpers/bare-frontend.ts'

/** Another protocol, whichever there are. */
const others = frontends.slice(0, 1)

const gate = bareFrontend('gate')

const read = (environment: Record<string, string>, known: readonly Frontend[]) =>
  readConfiguration(known, { environment }, { hex: bytes => '5a'.repeat(bytes) })

describe('defaults for channels that a protocol has', () => {
  const keeper: Frontend = {
    ...gate,
    channels: settings => [
      { pattern: 'gate.*', historySize: settings['listen'] === 'off' ? 1 : 7 },
      { pattern: 'gate.*.late', policy: 'latest' },
    ],
  }
  const sizesIn = (environment: Record<string, string>, known = [...others, keeper]) =>
    read(environment, known).namespaces.map(({ pattern, historySize }) => `${pattern} ${historySize}`)

  test('stand behind what the operator says and before what holds for all', () => {
    deepEqual(sizesIn({ RINGCAST_HISTORY_SIZE: '2' }), ['gate.* 7', 'gate.*.late 2', '* 2'])
    const namespaces = JSON.stringify([{ pattern: 'gate.a', historySize: 3 }, { pattern: '*' }])
    deepEqual(sizesIn({ RINGCAST_NAMESPACES: namespaces }), [
      'gate.a 3',
      '* 0',
      'gate.* 7',
      'gate.*.late 0',
      '* 0',
    ])
  })

  test('hold where it is started, and nowhere else', () => {
    deepEqual(sizesIn({ RINGCAST_ONLY: others[0]?.name ?? '' }), ['* 0'])
    deepEqual(sizesIn({}, others), ['* 0'])
  })

  test('refuse the start where a pattern fits no channel', () => {
    const pattern = 'x'.repeat(1_025)
    const { mistakes } = read({}, [{ ...gate, channels: () => [{ pattern }] }])
    deepEqual(mistakes, ['gate.channels[0].pattern is longer than the name of any channel'])
    deepEqual(read({}, [{ ...gate, channels: () => [{ pattern: pattern.slice(1) }] }]).mistakes, [])
  })

  test('refuse the start where they name a front-end that there is not', () => {
    const { mistakes } = read({}, [{ ...gate, channels: () => [{ pattern: 'a', publish: ['nobody'] }] }])
    equal(mistakes.length, 1)
    match(mistakes[0] ?? '', /^gate\.channels\[0\]\.publish has nobody, which is unknown/)
  })
})

describe('groups of private channels that a protocol has', () => {
  const keeper: Frontend = {
    ...gate,
    privateGroups: settings => [{ group: 'gate/a', historySize: settings['listen'] === 'off' ? 1 : 7 }],
  }
  const own = (known: readonly Frontend[], environment = {}) =>
    read(environment, known).namespaces.filter(({ pattern }) => isPrivate(pattern))

  test('are for that protocol alone, where it is started', () => {
    const [group, ...more] = own([...others, keeper], { RINGCAST_HISTORY_SIZE: '2' })
    deepEqual([group?.historySize, group?.publish, group?.subscribe, more], [7, ['gate'], ['gate'], []])
    equal(channelNamespaces(own([keeper]))(privateChannel('gate/a', 'x')).historySize, 7)
    deepEqual(own([...others, keeper], { RINGCAST_ONLY: others[0]?.name ?? '' }), [])
  })

  test('and called by its name: anything else is a mistake of the program', () => {
    for (const group of ['gates', 'other/a', 'gate\u0001']) {
      throws(() => read({}, [{ ...gate, privateGroups: () => [{ group }] }]))
    }
  })
})
