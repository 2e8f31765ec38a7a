// What the commands about the owner map read: the workers that a proxy spreads channels over, in its order, of one node or
// of all nodes of a ring.
import { isIP } from 'node:net'
import { isWanted } from '../app/configuration.ts'
import { shardAddress } from '../app/listeners.ts'
import { nodeSettingsOf, ringFor, sectionsFor } from '../app/node.ts'
import { readRingNodes, ringSettingsOf, shardDoorsOf, shardVariablesOf, workersOf } from '../app/ring.ts'
import type { Frontend } from '../frontends/frontend.ts'
import type { RingShape } from '../ring/node-map.ts'
import type { Nodes } from '../ring/nodes.ts'
import { type NodeRecord, ringSection } from '../ring/settings.ts'
import { variableOf } from '../settings/names.ts'
import { readSettings, type SettingsReading, type Values } from '../settings/settings.ts'
import { type Address, formatAddress, parseAddress } from '../std/address.ts'
import type { Shell } from './output.ts'

/** One worker, as a proxy reaches it. */
export interface Server {
  /** Of its node; empty where that stands alone. */
  readonly node: string
  readonly slot: number
  readonly address: string
  readonly weight: number
}

export interface ProxyMap {
  readonly map: RingShape['map']
  /** A line's part that says whose map it is. */
  readonly title: string
  /** What may change, so that it must be printed again. */
  readonly changes: string
  readonly protocols: readonly { readonly frontend: Frontend; readonly servers: readonly Server[] }[]
}

type Mistakes = { readonly mistakes: readonly string[] }

/** The settings, with the list of nodes that the command line gives in place of theirs. */
export function readRingSettings(
  shell: Shell,
  flags: ReadonlyMap<string, string>,
  given: string | undefined,
): SettingsReading | Mistakes {
  const reading = readSettings(sectionsFor(shell.known), { environment: shell.environment, flags })
  if (reading.mistakes.length > 0) return reading
  if (given === undefined) return reading
  const nodes = given.split(',').map(text => parseNode(text))
  const faulty = nodes.flatMap(node => (typeof node === 'string' ? [`--nodes: ${node}`] : []))
  if (faulty.length > 0) return { mistakes: faulty }
  const ring = { ...reading.values[ringSection.name], nodes: nodes as readonly NodeRecord[] } // none is a text
  const origins = new Map([...reading.origins, ['ring.nodes', '--nodes']])
  return { ...reading, origins, values: { ...reading.values, [ringSection.name]: ring } }
}

/** `NAME=HOST:WORKERS` or `NAME=HOST:WORKERS*WEIGHT`; a text: why it is none. */
export function parseNode(text: string): NodeRecord | string {
  const [, name = '', place = '', weight = '1'] = /^([^=]+)=([^*]+)(?:\*(\d{1,3}))?$/.exec(text.trim()) ?? []
  const address = parseAddress(place)
  const { workers, weight: weights } = ringSection.fields.nodes.members
  if (address === undefined || !place.includes(':') || address.path !== undefined)
    return `'${text}' is no NAME=HOST:WORKERS or NAME=HOST:WORKERS*WEIGHT`
  if (address.port < 1 || address.port > workers.setting.max)
    return `'${text}': a node has 1 to ${workers.setting.max} workers`
  if (Number(weight) < 1 || Number(weight) > weights.setting.max)
    return `'${text}': a weight is 1 to ${weights.setting.max}`
  const { host, port } = address
  // A map asks nothing of peers; each has one of its own.
  const peer = formatAddress({ host, port: 7_880 })
  return { name, host, workers: port, weight: Number(weight), peer, shardPorts: [] }
}

export function readProxyMap(shell: Shell, reading: SettingsReading): ProxyMap | Mistakes {
  const list = readRingNodes(shell.known, startedOf(shell.known, reading.values), reading)
  if (!list.ok) return list
  return list.nodes === undefined
    ? mapOfOne(shell.known, reading.values)
    : mapOfRing(shell.known, reading, list.nodes)
}

/** The nodes of the ring, and none where there is no list. */
export function readNodeList(shell: Shell, reading: SettingsReading): Nodes | undefined | Mistakes {
  const list = readRingNodes(shell.known, startedOf(shell.known, reading.values), reading)
  return list.ok ? list.nodes : list
}

function startedOf(known: readonly Frontend[], values: Values): readonly Frontend[] {
  return known.filter(frontend => isWanted(frontend, nodeSettingsOf(values), values))
}

function mapOfRing(known: readonly Frontend[], { values }: SettingsReading, { map, nodes }: Nodes): ProxyMap {
  const workers = nodes.reduce((sum, { labels }) => sum + labels.length, 0)
  const [first] = nodes
  const protocols = known.filter(({ name }) => first?.addresses.has(name))
  return {
    map,
    title: `a ring of ${nodes.length} nodes with ${workers} workers, generation ${ringSettingsOf(values).generation}`,
    changes: 'the list of nodes, the shard ports or the protocols that have some',
    protocols: protocols.map(frontend => ({
      frontend,
      servers: nodes.flatMap(({ name, weight, addresses }) =>
        (addresses.get(frontend.name) ?? []).map((address, slot) => ({ node: name, slot, address, weight })),
      ),
    })),
  }
}

function mapOfOne(known: readonly Frontend[], values: Values): ProxyMap | Mistakes {
  const workers = workersOf(values)
  const doors = shardDoorsOf(startedOf(known, values), values)
  if (doors.length === 0) {
    const variables = shardVariablesOf(known).join(' or ')
    return {
      mistakes: [`no protocol has shard ports; set ${variables} to the first of ${workers} addresses`],
    }
  }
  const mistakes = doors.flatMap(({ variable, text, address }) => {
    const mistake = mistakeOf(address, workers)
    return mistake === undefined ? [] : [`${variable} is ${text}, ${mistake}`]
  })
  if (mistakes.length > 0) return { mistakes }
  const lists = doors.map(({ protocol, address }) => ({
    protocol,
    addresses: Array.from({ length: workers }, (_, slot) => formatAddress(shardAddress(address, slot))),
  }))
  const { kind } = ringFor(
    workers,
    lists.map(({ addresses }) => addresses),
    ringSettingsOf(values).map,
  )
  return {
    map: kind === 'ketama' ? 'ketama' : 'plain',
    title: `a ringcast node with ${workers} workers`,
    changes: 'the number of workers, the shard ports or the protocols that have some',
    protocols: known.flatMap(frontend => {
      const addresses = lists.find(({ protocol }) => protocol === frontend.name)?.addresses
      if (addresses === undefined) return []
      return [
        { frontend, servers: addresses.map((address, slot) => ({ node: '', slot, address, weight: 1 })) },
      ]
    }),
  }
}

/** nginx hashes the text of an address, so it must be one that node and proxy write alike and can connect to. */
function mistakeOf({ host, port, path }: Address, workers: number): string | undefined {
  if (path !== undefined) return undefined
  if (port === 0) return 'any free ports, which nginx cannot know: set the first one'
  if (port + workers - 1 > 65_535) return `and the last of ${workers} workers would be over 65535`
  if (isIP(host) === 0 || /^[0:.]+$/.test(host))
    return 'but nginx needs one IP address that it can connect to, not a name or all addresses'
  return undefined
}

/** The variable that chooses the map which every proxy can compute. */
export const plainMapVariable = `${variableOf(ringSection.name, 'map')}=plain`
