// This node's part in a ring, out of the settings: what is refused at the start and at a reload, and where it listens.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfiguration } from '../../../src/app/configuration.ts'
import { ownerMapOf } from '../../../src/app/node.ts'
import { ringChangeMistakes } from '../../../src/app/ring.ts'
import { createNodeMap } from '../../../src/ring/node-map.ts'
import { bareFrontend } from '../../helpers/bare-frontend.ts'

const lodge = bareFrontend('lodge', {
  shardPorts: { type: 'address', default: 'off', doc: '' },
})
const random = { hex: (bytes: number) => '5a'.repeat(bytes) }
const nodes = [
  { name: 'a', host: '127.0.0.1', workers: 2, peer: '127.0.0.1:7880' },
  { name: 'b', host: '127.0.0.2', workers: 4, peer: '127.0.0.2:7880' },
]
const sound = {
  RINGCAST_WORKERS: '2',
  RINGCAST_LODGE_SHARD_PORTS: '127.0.0.1:9000',
  RINGCAST_RING_NODES: JSON.stringify(nodes),
  RINGCAST_RING_SELF: 'a',
  RINGCAST_RING_SECRET: 'f3a9c1d8e7b2064455aa',
}

const read = (changes: Record<string, string | undefined> = {}) =>
  readConfiguration([lodge], { environment: { ...sound, ...changes } }, random)

describe('a node of a ring', () => {
  test('knows the list and its place in it, and listens at the address of its entry', () => {
    const { mistakes, ring, values } = read()
    deepEqual(mistakes, [])
    deepEqual([ring?.self, ring?.generation, ring?.nodes.map, ring?.nodes.nodes.length], [0, 1, 'ketama', 2])
    equal(values['ring']?.['listen'], '127.0.0.1:7880')
    equal(read({ RINGCAST_RING_LISTEN: '127.0.0.1:9' }).values['ring']?.['listen'], '127.0.0.1:9')
    equal(read({ RINGCAST_RING_LISTEN: 'off' }).values['ring']?.['listen'], '127.0.0.1:7880')
  })

  test('without a list stands alone: it opens no listener, and makes up no secret', () => {
    const { mistakes, ring, values, generated } = read({
      RINGCAST_RING_NODES: '[]',
      RINGCAST_RING_SECRET: undefined,
    })
    deepEqual([mistakes, ring, values['ring']?.['listen']], [[], undefined, 'off'])
    deepEqual([...generated.keys()], ['RINGCAST_ADMIN_SECRET'])
  })

  const wrong: readonly (readonly [
    what: string,
    changes: Record<string, string | undefined>,
    mistake: RegExp,
  ])[] = [
    ['no name', { RINGCAST_RING_SELF: undefined }, /^RINGCAST_RING_SELF must name one of a, b$/],
    [
      'a name that is not in it',
      { RINGCAST_RING_SELF: 'aa' },
      /^RINGCAST_RING_SELF is aa, which is unknown; did you mean a\?; known are a, b$/,
    ],
    [
      'other workers than it has',
      { RINGCAST_WORKERS: '3' },
      /^node a of the ring has 2 workers, but this one has 3 \(RINGCAST_WORKERS\)$/,
    ],
    [
      'shard ports elsewhere',
      { RINGCAST_LODGE_SHARD_PORTS: '127.0.0.9:9000' },
      /^RINGCAST_LODGE_SHARD_PORTS is 127\.0\.0\.9:9000, but a proxy looks for node a at 127\.0\.0\.1$/,
    ],
    [
      'no shard ports',
      { RINGCAST_LODGE_SHARD_PORTS: 'off' },
      /no protocol has shard ports.*RINGCAST_LODGE_SHARD_PORTS$/,
    ],
    [
      'no secret, also in development',
      { RINGCAST_RING_SECRET: undefined },
      /^RINGCAST_RING_SECRET is required with a list of nodes/,
    ],
    [
      'a generation that is none',
      { RINGCAST_RING_GENERATION: '0' },
      /RINGCAST_RING_GENERATION must be a whole number from 1/,
    ],
    [
      'a member that there is not',
      { RINGCAST_RING_NODES: '[{"name":"a","hots":"x"}]' },
      /RINGCAST_RING_NODES\[0\]\.hots is unknown; did you mean host\?/,
    ],
    [
      'a weight beyond its bounds',
      { RINGCAST_RING_NODES: JSON.stringify([{ ...nodes[0], weight: 101 }]) },
      /RINGCAST_RING_NODES\[0\]\.weight must be a whole number from 1 to 100/,
    ],
  ]
  for (const [what, changes, mistake] of wrong) {
    test(`is refused with ${what}`, () =>
      match(read(changes).mistakes.find(text => mistake.test(text)) ?? '', mistake))
  }

  test('is refused with a protocol that keeps channels for each of its clients', () => {
    const own = { ...lodge, privateGroups: () => [] }
    const { mistakes } = readConfiguration([own], { environment: sound }, random)
    match(mistakes[0] ?? '', /^lodge keeps channels for each of its clients, .*\(RINGCAST_ONLY\)$/)
  })

  test('may be behind an address that its own shard ports do not show', () => {
    deepEqual(
      read({
        RINGCAST_LODGE_SHARD_PORTS: '0.0.0.0:9000',
        RINGCAST_MODE: 'production',
        RINGCAST_LODGE_SUBSCRIBE: '*',
        RINGCAST_LODGE_PUBLISH: '*',
      }).mistakes,
      [],
    )
    const translated = JSON.stringify([{ ...nodes[0], shardPorts: ['lodge=80'] }, nodes[1]])
    const changes = { RINGCAST_RING_NODES: translated, RINGCAST_LODGE_SHARD_PORTS: '127.0.0.9:9000' }
    deepEqual(read(changes).mistakes, [])
  })
})

describe('the owner map of a node of a ring', () => {
  test('gives its own channels to the worker that the proxy names, and any other one to one of its workers', () => {
    const shape = {
      map: 'plain',
      nodes: [
        { name: 'a', weight: 1, labels: ['a:1', 'a:2'] },
        { name: 'b', weight: 1, labels: ['b:1', 'b:2', 'b:3'] },
      ],
    } as const
    const ownerOf = ownerMapOf({ kind: 'nodes', shape, self: 0, workers: 2 })
    const placeOf = createNodeMap(shape)
    const foreign = new Set<number>()
    for (let index = 0; index < 500; index++) {
      const { node, slot } = placeOf(`c${index}`)
      if (node === 0) equal(ownerOf(`c${index}`), slot)
      else foreign.add(ownerOf(`c${index}`))
    }
    deepEqual([...foreign].sort(), [0, 1])
  })
})

describe('a ring that is read again', () => {
  const changes = (fresh: Record<string, string | undefined>) =>
    ringChangeMistakes(read().values, read(fresh).values)
  const another = JSON.stringify([{ ...nodes[0], weight: 2 }, nodes[1]])

  test('may be another list of a higher generation, or the same with a higher one', () => {
    deepEqual(changes({}), [])
    deepEqual(changes({ RINGCAST_RING_GENERATION: '2' }), [])
    deepEqual(changes({ RINGCAST_RING_GENERATION: '7', RINGCAST_RING_NODES: another }), [])
  })

  test('is refused where the generation does not say so, goes back, or the ring begins or ends', () => {
    deepEqual(changes({ RINGCAST_RING_NODES: another }), [
      'ring.generation is 1, but must be more than 1: ring.nodes is another list',
    ])
    const back = ringChangeMistakes(read({ RINGCAST_RING_GENERATION: '3' }).values, read().values)
    deepEqual(back, ['ring.generation is 1, but must be more than 3: it never goes back'])
    deepEqual(changes({ RINGCAST_RING_NODES: '[]' }), [
      'ring.nodes: a node enters or leaves a ring with a restart, not while it runs',
    ])
  })
})
