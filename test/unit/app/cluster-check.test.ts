// The settings of a cluster as a node reads them.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfiguration } from '../../../src/app/configuration.ts'
import { bareFrontend } from '../../helpers/bare-frontend.ts'

const own = [bareFrontend('lodge')]

const random = { hex: (bytes: number) => '5a'.repeat(bytes) }

const production = { RINGCAST_MODE: 'production' }

const read = (environment: Record<string, string>) => readConfiguration(own, { environment }, random)

describe('a cluster', () => {
  test('has its mistakes named as the operator wrote them', () => {
    const { mistakes } = read({ RINGCAST_CLUSTER_MODE: 'redis' })
    deepEqual(mistakes, [
      'RINGCAST_CLUSTER_MODE is redis, which needs RINGCAST_CLUSTER_URL, such as redis://127.0.0.1:6379',
    ])
    const flags = new Map([['cluster.username', 'u']])
    const environment = { RINGCAST_CLUSTER_MODE: 'redis', RINGCAST_CLUSTER_URL: 'redis://a' }
    deepEqual(readConfiguration(own, { environment, flags }, random).mistakes, [
      '--cluster.username needs RINGCAST_CLUSTER_PASSWORD',
    ])
  })

  test('is asked for no password, and is given none', () => {
    const joined = { RINGCAST_CLUSTER_MODE: 'redis', RINGCAST_CLUSTER_URL: 'redis://a' }
    deepEqual(read({ ...production, ...joined }).mistakes, [])
    deepEqual(read(joined).values['cluster']?.['password'], [])
    deepEqual(read({ ...production, ...joined, RINGCAST_CLUSTER_PASSWORD: 'short' }).mistakes, [])
  })

  test('never shows a password that stands in an address', () => {
    const { mistakes } = read({
      RINGCAST_CLUSTER_MODE: 'redis',
      RINGCAST_CLUSTER_URL: 'redis://:hid,den@a',
    })
    equal(mistakes.length, 1)
    ok(!/hid|den@/.test(String(mistakes)))
  })

  test('says which settings of protocols do nothing where a node stands alone', () => {
    const choice = { type: 'choice', isOfNodes: true, choices: ['a', 'b'], default: 'a', doc: '' } as const
    const known = [bareFrontend('lodge', { spread: choice })]
    const told = (environment: Record<string, string>) =>
      readConfiguration(known, { environment }, random).warnings
    deepEqual(told({ RINGCAST_LODGE_SPREAD: 'b' }), [
      {
        code: 'setting-idle',
        text: 'RINGCAST_LODGE_SPREAD has no effect: RINGCAST_CLUSTER_MODE is solo, so that this node stands alone',
      },
    ])
    const joined = { RINGCAST_CLUSTER_MODE: 'redis', RINGCAST_CLUSTER_URL: 'redis://a' }
    deepEqual(told({ ...joined, RINGCAST_LODGE_SPREAD: 'b' }), [])
    deepEqual(told({}), [])
  })

  test('warns of settings that it makes idle, or that are idle without it', () => {
    const told = (environment: Record<string, string>) => read(environment).warnings
    deepEqual(told({ RINGCAST_CLUSTER_URL: 'redis://a' }), [
      {
        code: 'setting-idle',
        text: 'RINGCAST_CLUSTER_URL has no effect: RINGCAST_CLUSTER_MODE is solo, so that this node stands alone',
      },
    ])
    const joined = { RINGCAST_CLUSTER_MODE: 'redis', RINGCAST_CLUSTER_URL: 'redis://a' }
    deepEqual(told(joined), [])
    deepEqual(told({ ...joined, RINGCAST_STATE_DIR: '/x' }), [
      {
        code: 'setting-idle',
        text: 'RINGCAST_STATE_DIR keeps no numbering and no history: with RINGCAST_CLUSTER_MODE=redis both are kept there',
      },
    ])
    deepEqual(told({ RINGCAST_STATE_DIR: '/x' }), [])
  })
})
