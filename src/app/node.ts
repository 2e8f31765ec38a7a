// What primary and workers of one node agree on: the settings and the owner map, in a form that crosses threads.

import { type AdminSettings, adminSection } from '../admin/settings.ts'
import { type ClusterSettings, clusterSection } from '../cluster/settings.ts'
import { ketamaRing, type OwnerMap, plainRing } from '../engine/ring.ts'
import {
  type EngineSettings,
  engineSection,
  type HistorySettings,
  historySection,
} from '../engine/settings.ts'
import type { Namespace } from '../engine/words/namespace.ts'
import { homeKeyOf } from '../engine/words/private.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { type NetSettings, netSection } from '../net/settings.ts'
import { createNodeMap, type RingShape } from '../ring/node-map.ts'
import { ringSection } from '../ring/settings.ts'
import type { Values } from '../settings/settings.ts'
import type { Address } from '../std/address.ts'
import type { Section, SectionValues } from '../std/setting.ts'
import type { GateAddress } from './gates.ts'
import { type NodeSettings, nodeSection } from './settings.ts'

/** Which worker owns a channel, as data (see ARCHITECTURE.md, Owner map). */
export type Ring =
  | { readonly kind: 'ketama'; readonly labels: readonly string[] }
  | { readonly kind: 'plain'; readonly workers: number }
  /** Of all nodes that share the channels, as it was when this one started, and which of them it is. */
  | { readonly kind: 'nodes'; readonly shape: RingShape; readonly self: number; readonly workers: number }

/** Where a worker waits for readers of the process before, and for how many. */
export interface Awaited {
  readonly path: string
  readonly readers: number
}

/** What every worker is started with. */
export interface NodeData {
  readonly values: Values
  readonly ring: Ring
  /** Names of the front-ends that listen. */
  readonly protocols: readonly string[]
  /** Main addresses by name, `host:port`, ports filled in; those of unix sockets are not among them. */
  readonly addresses: Readonly<Record<string, string>>
  /** All that the node listens on but its gates, ports filled in. */
  readonly listeners: readonly Address[]
  readonly namespaces: readonly Namespace[]
  /** First offset of an epoch that begins as this is read. */
  readonly seed: number
  /** Numbering and history of the channels that the worker owns (see the room `state`). */
  readonly restored: Uint8Array | undefined
  /** Workers of the process before that read here before anything is published; undefined: there is none. */
  readonly awaited: Awaited | undefined
  /** When the node started. */
  readonly startedUnixMs: number
  /** Addresses that each worker listens on by itself. */
  readonly gates: readonly GateAddress[]
  /** The node serves already, so that a new worker listens as soon as it does. */
  readonly listens: boolean
  /** What this start of the node is called among the nodes that are joined to it; nobody was ever called so before. */
  readonly nodeId: string
}

/** What was read against the section of that name: `sectionsFor` has them all. */
function valuesOf<Described extends Section>(values: Values, { name }: Described): SectionValues<Described> {
  return values[name] as unknown as SectionValues<Described> // by what is said above
}

/** What concerns the whole node; its section has no name. */
export function nodeSettingsOf(values: Values): NodeSettings {
  return valuesOf(values, nodeSection)
}

export function adminSettingsOf(values: Values): AdminSettings {
  return valuesOf(values, adminSection)
}

export function engineSettingsOf(values: Values): EngineSettings {
  return valuesOf(values, engineSection)
}

export function netSettingsOf(values: Values): NetSettings {
  return valuesOf(values, netSection)
}

export function historySettingsOf(values: Values): HistorySettings {
  return valuesOf(values, historySection)
}

export function clusterSettingsOf(values: Values): ClusterSettings {
  return valuesOf(values, clusterSection)
}

export function workersOf(ring: Ring): number {
  return ring.kind === 'ketama' ? ring.labels.length : ring.workers
}

/** All private channels of one key have one owner (law 19): channels are delivered, and restored, by this map alone. */
export function ownerMapOf(ring: Ring): OwnerMap {
  const map = workerMapOf(ring)
  return key => map(typeof key === 'string' ? homeKeyOf(key) : key)
}

function workerMapOf(ring: Ring): OwnerMap {
  if (ring.kind === 'ketama') return ketamaRing(ring.labels)
  const plain = plainRing(ring.workers)
  if (ring.kind === 'plain') return plain
  const placeOf = createNodeMap(ring.shape)
  return key => {
    const { node, slot } = placeOf(key)
    // What has no name, and what this node was given since it started, has an owner among its workers all the same.
    return node === ring.self ? slot : plain(key)
  }
}

/**
 * With shard ports the map must be what the proxy computes: over the addresses themselves where one protocol has
 * them, over plain numbers where several have, for these do not depend on names, or where the settings say so.
 */
export function ringFor(workers: number, shardAddresses: readonly (readonly string[])[], map = 'auto'): Ring {
  const [first, second] = shardAddresses
  if (second !== undefined || map === 'plain') return { kind: 'plain', workers }
  const labels = first ?? Array.from({ length: workers }, (_, slot) => `worker-${slot}`)
  return { kind: 'ketama', labels }
}

export function sectionsFor(frontends: readonly Frontend[]): readonly Section[] {
  return [
    nodeSection,
    netSection,
    adminSection,
    engineSection,
    historySection,
    clusterSection,
    ringSection,
    ...frontends.map(frontend => frontend.section),
  ]
}
