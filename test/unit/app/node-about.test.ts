// What a node tells others of its settings, and what of theirs it tells operators.
import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfiguration } from '../../../src/app/configuration.ts'
import { DifferingNodes } from '../../../src/app/differing-nodes.ts'
import { aboutOf } from '../../../src/app/node-about.ts'
import { aboutText, parseAbout } from '../../../src/cluster/about.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { bareFrontend } from '../../helpers/bare-frontend.ts'

const spread = { type: 'choice', isOfNodes: true, choices: ['a', 'b'], default: 'a', doc: '' } as const
const known = [bareFrontend('lodge', { spread }), bareFrontend('inn')]
const random = { hex: (bytes: number) => '5a'.repeat(bytes) }

function about(environment: Record<string, string>) {
  const { values, namespaces, frontends } = readConfiguration(known, { environment }, random)
  return aboutOf(known, { values, namespaces, protocols: frontends.map(({ name }) => name) })
}

function changedBy(environment: Record<string, string>): readonly string[] {
  const [usual, other] = [about({}), about(environment)]
  return Object.keys(usual).filter(name => usual[name] !== other[name])
}

describe('what a node says of itself', () => {
  test('is short, and words alone', () => {
    deepEqual(parseAbout(aboutText(about({}))), about({}))
    deepEqual(Object.keys(about({})), ['version', 'namespaces', 'protocols'])
  })

  test('changes with what must be the same on all nodes, and with nothing else', () => {
    deepEqual(changedBy({ RINGCAST_NAMESPACES: '[{"pattern":"a","historySize":3}]' }), ['namespaces'])
    deepEqual(changedBy({ RINGCAST_HISTORY_SIZE: '7' }), ['namespaces'])
    deepEqual(changedBy({ RINGCAST_ENGINE_IDEMPOTENCY_MS: '7000' }), ['namespaces'])
    deepEqual(changedBy({ RINGCAST_LODGE_PUBLISH: 'a*' }), ['protocols'])
    deepEqual(changedBy({ RINGCAST_LODGE_SPREAD: 'b' }), ['protocols'])
    deepEqual(changedBy({ RINGCAST_ONLY: 'inn' }), ['protocols'])
    deepEqual(
      changedBy({ RINGCAST_WORKERS: '3', RINGCAST_LODGE_LISTEN: '127.0.0.1:1', RINGCAST_LOG_LEVEL: 'debug' }),
      [],
    )
  })

  test('is the same in whatever order members are written', () => {
    const [one, other] = [
      about({ RINGCAST_NAMESPACES: '[{"pattern":"a","historySize":3,"historyTtlMs":9000}]' }),
      about({ RINGCAST_NAMESPACES: '[{"historyTtlMs":9000,"historySize":3,"pattern":"a"}]' }),
    ]
    deepEqual(one, other)
    notEqual(one['namespaces'], about({})['namespaces'])
  })
})

test('a node that differs is logged once, and again when something else does, whichever worker tells it', () => {
  const lines: object[] = []
  const log = { warn: (fields: object) => void lines.push(fields) } as unknown as Log // the level that it uses
  const nodes = new DifferingNodes(log)
  const one = { node: 'b', parts: ['version'], version: '2' }
  for (const slot of [0, 1]) nodes.told(slot, [one])
  deepEqual(nodes.all(), [one])
  nodes.told(0, [])
  nodes.left(1)
  deepEqual(nodes.all(), [])
  nodes.told(0, [one])
  const more = { ...one, parts: ['version', 'protocols'] }
  nodes.told(0, [more])
  deepEqual(lines, [
    { code: 'cluster-differs', ...one },
    { code: 'cluster-differs', ...more },
  ])
  equal(nodes.all().length, 1)
})
