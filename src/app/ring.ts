// The ring that this node is in, out of the settings: which protocols have shard ports, and where it stands in the list.
import { availableParallelism } from 'node:os'
import type { Frontend } from '../frontends/frontend.ts'
import { type Nodes, type OwnRing, readNodes, type ShardDoor } from '../ring/nodes.ts'
import { type RingSettings, ringSection } from '../ring/settings.ts'
import { pathOf, unknownText, variableOf } from '../settings/names.ts'
import type { SettingsReading, Values } from '../settings/settings.ts'
import { formatAddress, parseAddress } from '../std/address.ts'
import { doorsOf } from './doors.ts'
import { nodeSettingsOf } from './node.ts'

export function ringSettingsOf(values: Values): RingSettings {
  return values[ringSection.name] as unknown as RingSettings // `sectionsFor` has all sections
}

/** How many the node is to have. */
export function workersOf(values: Values): number {
  const { workers } = nodeSettingsOf(values)
  return workers === 0 ? availableParallelism() : workers
}

/** Undefined: the node stands alone. */
export function generationOf(values: Values): number | undefined {
  const { generation, nodes } = ringSettingsOf(values)
  return nodes.length === 0 ? undefined : generation
}

/** Of the protocols that have shard ports, in their order. */
export function shardDoorsOf(frontends: readonly Frontend[], values: Values): readonly ShardDoor[] {
  return frontends.flatMap(frontend => {
    const setting = shardSettingOf(frontend)
    if (setting === undefined) return []
    const text = String(values[frontend.name]?.[setting])
    const address = parseAddress(text)
    const variable = variableOf(frontend.name, setting)
    return address === undefined ? [] : [{ protocol: frontend.name, variable, text, address }]
  })
}

export function shardSettingOf(frontend: Frontend): string | undefined {
  return doorsOf(frontend).find(({ perWorker }) => perWorker)?.setting
}

/** Variables of all that can have shard ports. */
export function shardVariablesOf(known: readonly Frontend[]): readonly string[] {
  return known.flatMap(frontend => {
    const setting = shardSettingOf(frontend)
    return setting === undefined ? [] : [variableOf(frontend.name, setting)]
  })
}

type Reading =
  | { readonly ok: true; readonly nodes: Nodes | undefined }
  | { readonly ok: false; readonly mistakes: readonly string[] }

/** The list alone, whoever reads it. */
export function readRingNodes(
  known: readonly Frontend[],
  started: readonly Frontend[],
  { values, origins }: Pick<SettingsReading, 'values' | 'origins'>,
): Reading {
  const { map, nodes } = ringSettingsOf(values)
  if (nodes.length === 0) return { ok: true, nodes: undefined }
  const name = origins.get(pathOf(ringSection.name, 'nodes')) ?? variableOf(ringSection.name, 'nodes')
  const variables = shardVariablesOf(known)
  return readNodes(nodes, { name, map, variables, doors: shardDoorsOf(started, values) })
}

/** This node's part, and what is wrong with it; neither: it stands alone. */
export function readRing(
  known: readonly Frontend[],
  started: readonly Frontend[],
  reading: Pick<SettingsReading, 'values' | 'origins'>,
): { readonly ring: OwnRing | undefined; readonly mistakes: readonly string[] } {
  const list = readRingNodes(known, started, reading)
  if (!list.ok) return { ring: undefined, mistakes: list.mistakes }
  const { nodes } = list
  if (nodes === undefined) return { ring: undefined, mistakes: [] }
  const { generation, self: name } = ringSettingsOf(reading.values)
  const names = nodes.nodes.map(node => node.name)
  const self = names.indexOf(name)
  if (self < 0) {
    const variable = variableOf(ringSection.name, 'self')
    const detail =
      name === '' ? 'must name one of' : `is ${name}, which ${unknownText(name, names)}; known are`
    return { ring: undefined, mistakes: [`${variable} ${detail} ${names.join(', ')}`] }
  }
  const mistakes = [
    ...selfMistakes(nodes, self, started, reading.values),
    ...secretMistakes(reading),
    ...privateMistakes(started),
  ]
  return { ring: { generation, nodes, self }, mistakes }
}

function selfMistakes(
  { nodes }: Nodes,
  self: number,
  started: readonly Frontend[],
  values: Values,
): readonly string[] {
  const own = nodes[self]
  const record = ringSettingsOf(values).nodes[self]
  if (own === undefined || record === undefined) throw new RangeError(`there is no node ${self}`)
  const workers = workersOf(values)
  const mistakes =
    record.workers === workers
      ? []
      : [
          `node ${own.name} of the ring has ${record.workers} workers, but this one has ${workers} (${variableOf('', 'workers')})`,
        ]
  const strange = shardDoorsOf(started, values).filter(
    // A host of zeros is every address, and what stands in the entry may be translated on the way.
    ({ protocol, address }) =>
      address.host !== record.host &&
      !/^[0:.]+$/.test(address.host) &&
      record.shardPorts?.some(text => text.startsWith(`${protocol}=`)) !== true,
  )
  return [
    ...mistakes,
    ...strange.map(
      ({ variable, text }) =>
        `${variable} is ${text}, but a proxy looks for node ${own.name} at ${record.host}`,
    ),
  ]
}

/** What is meant for a client would not reach it from another node, and nobody would hear of that. */
function privateMistakes(started: readonly Frontend[]): readonly string[] {
  return started
    .filter(({ privateGroups }) => privateGroups !== undefined)
    .map(
      ({ name }) =>
        `${name} keeps channels for each of its clients, which nodes of a ring do not share; leave it out (${variableOf('', 'only')})`,
    )
}

/** One that was made up at the start would be another one on each node. */
function secretMistakes({ values }: Pick<SettingsReading, 'values'>): readonly string[] {
  if (ringSettingsOf(values).secret.length > 0) return []
  return [
    `${variableOf(ringSection.name, 'secret')} is required with a list of nodes, the same on all of them`,
  ]
}

/** Why a ring cannot become the other one while the node runs. `values` are those in force now. */
export function ringChangeMistakes(values: Values, fresh: Values): readonly string[] {
  const [now, then] = [ringSettingsOf(values), ringSettingsOf(fresh)]
  const [nodes, generation] = ['nodes', 'generation'].map(key => pathOf(ringSection.name, key))
  if ((now.nodes.length === 0) !== (then.nodes.length === 0))
    return [`${nodes}: a node enters or leaves a ring with a restart, not while it runs`]
  const isSame = JSON.stringify(now.nodes) === JSON.stringify(then.nodes)
  if (then.generation > now.generation || (isSame && then.generation === now.generation)) return []
  const why = isSame ? 'it never goes back' : `${nodes} is another list`
  return [`${generation} is ${then.generation}, but must be more than ${now.generation}: ${why}`]
}

/** Fills in where the peer listener is: as the node's own entry says, or as is said for it. */
export function placeRingListener(
  ring: OwnRing | undefined,
  { values, origins }: Pick<SettingsReading, 'values' | 'origins'>,
): void {
  const own = ring?.nodes.nodes[ring.self]
  const given = origins.has(pathOf(ringSection.name, 'listen')) ? ringSettingsOf(values).listen : undefined
  const listen =
    own === undefined ? 'off' : given === undefined || given === 'off' ? formatAddress(own.peer) : given
  values[ringSection.name] = { ...values[ringSection.name], listen }
}
