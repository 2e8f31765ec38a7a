// The list of nodes: what is wrong with one, each mistake by itself, and what a sound one means.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Nodes, readNodes, type ShardDoor, type Surroundings } from '../../../src/ring/nodes.ts'
import type { NodeRecord } from '../../../src/ring/settings.ts'
import { parseAddress } from '../../../src/std/address.ts'

function door(protocol: string, text: string): ShardDoor {
  const address = parseAddress(text)
  ok(address !== undefined)
  return { protocol, variable: `RINGCAST_${protocol.toUpperCase()}_SHARD_PORTS`, text, address }
}

const usual: Surroundings = {
  name: 'ring.nodes',
  doors: [door('one', '10.0.0.1:8090')],
  variables: ['RINGCAST_ONE_SHARD_PORTS', 'RINGCAST_TWO_SHARD_PORTS'],
  map: 'auto',
}
const a: NodeRecord = { name: 'a', host: '10.0.0.1', workers: 2, peer: '10.0.0.1:7880' }
const b: NodeRecord = { name: 'b', host: '10.0.0.2', workers: 3, weight: 2, peer: 'b.example.org:7880' }

function read(records: readonly NodeRecord[], more: Partial<Surroundings> = {}): Nodes {
  const reading = readNodes(records, { ...usual, ...more })
  ok(reading.ok, reading.ok ? '' : reading.mistakes.join('\n'))
  return reading.nodes
}

function mistakesOf(records: readonly NodeRecord[], more: Partial<Surroundings> = {}): readonly string[] {
  const reading = readNodes(records, { ...usual, ...more })
  return reading.ok ? [] : reading.mistakes
}

describe('a list of nodes', () => {
  test('is read with where each is reached, ports counted up from those of this node', () => {
    const { map, nodes } = read([a, b])
    equal(map, 'ketama')
    deepEqual(
      nodes.map(({ name, weight, labels, peer }) => [name, weight, labels, peer.host]),
      [
        ['a', 1, ['10.0.0.1:8090', '10.0.0.1:8091'], '10.0.0.1'],
        ['b', 2, ['10.0.0.2:8090', '10.0.0.2:8091', '10.0.0.2:8092'], 'b.example.org'],
      ],
    )
  })

  test('may say other ports for a node', () => {
    const { nodes } = read([a, { ...b, host: '10.0.0.1', shardPorts: ['one=9000'] }])
    deepEqual(nodes[1]?.labels, ['10.0.0.1:9000', '10.0.0.1:9001', '10.0.0.1:9002'])
  })

  test('is plain where several protocols have shard ports, or the settings say so', () => {
    const two = [door('one', '8090'), door('two', '8190')]
    equal(read([a, b], { doors: two }).map, 'plain')
    equal(read([a, b], { map: 'plain' }).map, 'plain')
    deepEqual(read([a], { doors: two }).nodes[0]?.addresses.get('two'), ['10.0.0.1:8190', '10.0.0.1:8191'])
  })

  test('takes IPv6 as a proxy writes it', () => {
    deepEqual(read([{ ...a, host: 'fd00::1', peer: '[fd00::1]:7880' }]).nodes[0]?.labels, [
      '[fd00::1]:8090',
      '[fd00::1]:8091',
    ])
  })
})

const wrong: readonly (readonly [what: string, records: readonly NodeRecord[], mistake: string])[] = [
  [
    'a name that is none',
    [{ ...a, name: 'a b' }],
    "ring.nodes[0].name must have 1 to 64 letters, digits and .-_, not 'a b'",
  ],
  ['a name twice', [a, { ...b, name: 'a' }], 'ring.nodes: a is the name of more than one node'],
  [
    'a peer twice',
    [a, { ...b, peer: a.peer }],
    'ring.nodes: 10.0.0.1:7880 is the peer of more than one node',
  ],
  [
    'a host that is a name',
    [a, { ...b, host: 'b.example' }],
    "ring.nodes[1].host must be one IP address that a proxy can connect to, not 'b.example'",
  ],
  [
    'a host that is every address',
    [{ ...a, host: '0.0.0.0' }],
    "ring.nodes[0].host must be one IP address that a proxy can connect to, not '0.0.0.0'",
  ],
  [
    'a peer without a port',
    [{ ...a, peer: 'unix:/run/a' }],
    "ring.nodes[0].peer must be host:port, as other nodes reach it, not 'unix:/run/a'",
  ],
  [
    'a peer at any port',
    [{ ...a, peer: '10.0.0.1:0' }],
    "ring.nodes[0].peer must be host:port, as other nodes reach it, not '10.0.0.1:0'",
  ],
  [
    'a port that is none',
    [{ ...a, shardPorts: ['one'] }],
    "ring.nodes[0].shardPorts has 'one', which is no name=port",
  ],
  [
    'a port of a protocol without any',
    [{ ...a, shardPorts: ['two=80'] }],
    "ring.nodes[0].shardPorts has 'two=80', but two has no shard ports here",
  ],
  [
    'ports beyond the last',
    [{ ...a, shardPorts: ['one=65535'] }],
    'ring.nodes[0]: the last shard port of one would be 65536, over 65535',
  ],
  [
    'two nodes at one address',
    [a, { ...b, host: '10.0.0.1', shardPorts: ['one=8091'] }],
    'ring.nodes: 10.0.0.1:8091 is a shard port of a and of b',
  ],
  [
    'weights beyond the bound',
    [{ ...a, workers: 11, weight: 100 }],
    'ring.nodes: workers times weight is 1100 over all nodes, and 1024 are allowed; lower the weights',
  ],
]

describe('a list of nodes is refused for', () => {
  for (const [what, records, mistake] of wrong) {
    test(what, () => deepEqual(mistakesOf(records), [mistake]))
  }

  test('no shard ports at all, naming who could have some', () => {
    deepEqual(mistakesOf([a], { doors: [] }), [
      'ring.nodes: no protocol has shard ports, to which a proxy could bring its clients; set RINGCAST_ONE_SHARD_PORTS or RINGCAST_TWO_SHARD_PORTS',
    ])
  })

  test('shard ports that no other node can know', () => {
    equal(mistakesOf([a], { doors: [door('one', '0')] }).length, 1)
    equal(mistakesOf([a], { doors: [door('one', 'unix:/run/one')] }).length, 1)
  })

  test('all of it at once', () => {
    equal(
      mistakesOf([
        { ...a, name: '', host: 'x', peer: 'y' },
        { ...b, host: 'z' },
      ]).length,
      4,
    )
  })

  test('nothing at its bounds', () => {
    deepEqual(mistakesOf([{ ...a, workers: 1024 / 64, weight: 64, name: 'x'.repeat(64) }]), [])
    deepEqual(mistakesOf([{ ...a, shardPorts: ['one=65534'] }]), [])
  })
})
