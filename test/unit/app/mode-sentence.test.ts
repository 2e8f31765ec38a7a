// How a node stands to others is one sentence, in which no secret stands.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { readConfiguration } from '../../../src/app/configuration.ts'
import { modeSentence } from '../../../src/app/mode-sentence.ts'
import { bareFrontend } from '../../helpers/bare-frontend.ts'

const random = { hex: (bytes: number) => '5a'.repeat(bytes) }

function said(environment: Record<string, string>): string {
  const configuration = readConfiguration([bareFrontend('lodge')], { environment }, random)
  deepEqual(configuration.mistakes, [])
  return modeSentence(configuration)
}

const joined = (url: string, more = {}) =>
  said({ RINGCAST_CLUSTER_MODE: 'redis', RINGCAST_CLUSTER_URL: url, ...more })

test('a node that stands alone says so, whatever address it has', () => {
  equal(said({}), 'This node stands alone.')
  equal(said({ RINGCAST_CLUSTER_URL: 'redis://a' }), 'This node stands alone.')
})

test('a node that is joined says by what, and no password', () => {
  equal(joined('redis://a'), 'This node is joined to others by Redis at a:6379 (prefix rc, acks by master).')
  const login = { RINGCAST_CLUSTER_USERNAME: 'someone', RINGCAST_CLUSTER_PASSWORD: 'hidden-4f1c' }
  equal(
    joined('rediss://[::1]:7000', { ...login, RINGCAST_CLUSTER_ACKS: 'replica' }),
    'This node is joined to others by Redis at [::1]:7000 (TLS, prefix rc, acks by replica).',
  )
  equal(
    joined('redis://a:1,redis://b:2', { RINGCAST_CLUSTER_PREFIX: 'x' }),
    'This node is joined to others by Redis Cluster at a:1, b:2 (prefix x, acks by master).',
  )
  equal(
    joined('redis+sentinel://a,b:2/mymaster'),
    'This node is joined to others by Redis, the master mymaster of the Sentinels at a:26379, b:2 (prefix rc, acks by master).',
  )
})

test('a node of a ring says which one it is', () => {
  const nodes = ['a', 'b'].map((name, index) => {
    const host = `127.0.0.${index + 1}`
    return { name, host, workers: 2, peer: `${host}:7880` }
  })
  equal(
    said({
      RINGCAST_WORKERS: '2',
      RINGCAST_LODGE_SHARD_PORTS: '127.0.0.2:9000',
      RINGCAST_RING_NODES: JSON.stringify(nodes),
      RINGCAST_RING_SELF: 'b',
      RINGCAST_RING_SECRET: 'f3a9c1d8e7b2064455aa',
    }),
    'This node is b, one of a ring of 2.',
  )
})
