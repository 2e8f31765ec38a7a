// The list of nodes as the settings have it, judged as a whole: who is in it, where each is reached, and the map that
// follows. Every mistake is a sentence that names the entry.
import { isIP } from 'node:net'
import { type Address, formatAddress, parseAddress } from '../std/address.ts'
import type { NodeShape, RingShape } from './node-map.ts'
import type { NodeRecord } from './settings.ts'

/** A protocol with shard ports, as this node has it. */
export interface ShardDoor {
  readonly protocol: string
  /** Of its setting. */
  readonly variable: string
  /** As it is set. */
  readonly text: string
  /** Of the first worker. */
  readonly address: Address
}

/** What the list is judged against. */
export interface Surroundings {
  /** What the list is called in mistakes. */
  readonly name: string
  /** In the order of the protocols. */
  readonly doors: readonly ShardDoor[]
  /** Variables of all protocols that can have shard ports. */
  readonly variables: readonly string[]
  /** As of `ring.map`. */
  readonly map: string
}

export interface RingNode extends NodeShape {
  /** Of its peer listener. */
  readonly peer: Address
  /** For each protocol with shard ports, in the order of the slots. */
  readonly addresses: ReadonlyMap<string, readonly string[]>
}

/** The nodes in their order, with where they are reached. */
export interface Nodes extends RingShape {
  readonly nodes: readonly RingNode[]
}

/** A node among others. */
export interface OwnRing {
  readonly generation: number
  readonly nodes: Nodes
  /** Its index in the list. */
  readonly self: number
}

const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const portsForm = /^(?<protocol>[^=]+)=(?<port>\d{1,5})$/

/** Sum over the workers of all nodes: the plain map has 32,768 values, and with more its shares get uneven by over 3 %. */
const weightsMax = 1_024

export type NodesReading =
  | { readonly ok: true; readonly nodes: Nodes }
  | { readonly ok: false; readonly mistakes: readonly string[] }

/** The list is not empty. */
export function readNodes(records: readonly NodeRecord[], surroundings: Surroundings): NodesReading {
  const { doors, name, variables } = surroundings
  const mistakes = [
    ...(doors.length === 0
      ? [
          `${name}: no protocol has shard ports, to which a proxy could bring its clients; set ${variables.join(' or ')}`,
        ]
      : []),
    ...doors.flatMap(door => doorMistakes(door)),
    ...records.flatMap((record, index) => recordMistakes(`${name}[${index}]`, record, surroundings)),
    ...twice(name, 'name', records),
    ...twice(name, 'peer', records),
  ]
  if (mistakes.length > 0) return { ok: false, mistakes }
  const nodes = records.map(record => nodeOf(record, doors))
  const crowded = [...sameAddresses(name, nodes), ...tooHeavy(name, nodes)]
  if (crowded.length > 0) return { ok: false, mistakes: crowded }
  const isPlain = surroundings.map === 'plain' || doors.length > 1
  return { ok: true, nodes: { map: isPlain ? 'plain' : 'ketama', nodes } }
}

function doorMistakes({ variable, text, address: { path, port } }: ShardDoor): readonly string[] {
  if (path !== undefined)
    return [`${variable} is ${text}, but nodes of a ring need ports, not sockets in the file system`]
  return port === 0
    ? [`${variable} is ${text}, any free ports, which no other node can know: set the first one`]
    : []
}

function recordMistakes(place: string, record: NodeRecord, { doors }: Surroundings): readonly string[] {
  const { name, host, peer } = record
  const mistakes: string[] = []
  if (!nameForm.test(name))
    mistakes.push(`${place}.name must have 1 to 64 letters, digits and .-_, not '${name}'`)
  if (isIP(host) === 0 || isEvery(host))
    mistakes.push(`${place}.host must be one IP address that a proxy can connect to, not '${host}'`)
  const address = parseAddress(peer)
  if (address === undefined || address.path !== undefined || address.port === 0 || isEvery(address.host))
    mistakes.push(`${place}.peer must be host:port, as other nodes reach it, not '${peer}'`)
  return [...mistakes, ...portMistakes(place, record, doors)]
}

function portMistakes(place: string, record: NodeRecord, doors: readonly ShardDoor[]): readonly string[] {
  const known = doors.map(({ protocol }) => protocol)
  const wrong = (record.shardPorts ?? []).flatMap(text => {
    const { protocol, port } = portsForm.exec(text)?.groups ?? {}
    if (protocol === undefined || Number(port) === 0)
      return [`${place}.shardPorts has '${text}', which is no name=port`]
    if (known.includes(protocol)) return []
    return [`${place}.shardPorts has '${text}', but ${protocol} has no shard ports here`]
  })
  if (wrong.length > 0) return wrong
  return doors.flatMap(door => {
    const last = firstPort(record, door) + record.workers - 1
    return last > 65_535
      ? [`${place}: the last shard port of ${door.protocol} would be ${last}, over 65535`]
      : []
  })
}

function isEvery(host: string): boolean {
  return /^[0:.]+$/.test(host)
}

function firstPort({ shardPorts = [] }: NodeRecord, { protocol, address }: ShardDoor): number {
  const own = shardPorts
    .map(text => portsForm.exec(text)?.groups)
    .find(each => each?.['protocol'] === protocol)
  return own === undefined ? address.port : Number(own['port'])
}

function nodeOf(record: NodeRecord, doors: readonly ShardDoor[]): RingNode {
  const { name, host, workers, weight = 1, peer } = record
  const addresses = doors.map(door => {
    const port = firstPort(record, door)
    return [
      door.protocol,
      Array.from({ length: workers }, (_, slot) => formatAddress({ host, port: port + slot })),
    ] as const
  })
  const address = parseAddress(peer)
  if (address === undefined) throw new RangeError(`${peer} is no address`)
  // With several protocols the map does not look at labels.
  return { name, weight, labels: addresses[0]?.[1] ?? [], peer: address, addresses: new Map(addresses) }
}

function twice(place: string, member: 'name' | 'peer', records: readonly NodeRecord[]): readonly string[] {
  const texts = records.map(record => record[member])
  const again = new Set(texts.filter((text, index) => texts.indexOf(text) < index))
  return [...again].map(text => `${place}: ${text} is the ${member} of more than one node`)
}

/** Two workers at one address: whoever connects to it reaches one of them. */
function sameAddresses(place: string, nodes: readonly RingNode[]): readonly string[] {
  const owners = new Map<string, string>()
  return nodes.flatMap(({ name, addresses }) =>
    [...addresses.values()].flat().flatMap(address => {
      const other = owners.get(address)
      owners.set(address, name)
      const both = other === name ? `two workers of ${name}` : `${other} and of ${name}`
      return other === undefined ? [] : [`${place}: ${address} is a shard port of ${both}`]
    }),
  )
}

function tooHeavy(place: string, nodes: readonly RingNode[]): readonly string[] {
  const sum = nodes.reduce((total, { labels, weight }) => total + labels.length * weight, 0)
  if (sum <= weightsMax) return []
  return [
    `${place}: workers times weight is ${sum} over all nodes, and ${weightsMax} are allowed; lower the weights`,
  ]
}
