// Everything a node is started with, read and checked as a whole: the same for start, check and reload.

import { adminSection } from '../admin/settings.ts'
import type { Namespace } from '../engine/words/namespace.ts'
import { patternFault } from '../engine/words/pattern.ts'
import type { Frontend } from '../frontends/frontend.ts'
import type { OwnRing } from '../ring/nodes.ts'
import { ringSection } from '../ring/settings.ts'
import { unknownText, variableOf } from '../settings/names.ts'
import { readSettings, type Sources, type Values } from '../settings/settings.ts'
import type { Random } from '../std/random.ts'
import { checkCluster } from './cluster-check.ts'
import { doorsOf } from './doors.ts'
import { checkFiles, checkMode, checkOpen } from './mode.ts'
import { readNamespaces } from './namespaces.ts'
import { nodeSettingsOf, sectionsFor } from './node.ts'
import { placeRingListener, readRing, ringSettingsOf } from './ring.ts'
import { type NodeSettings, nodeSection } from './settings.ts'
import type { ConfigurationWarning } from './warnings.ts'

export interface Configuration {
  readonly values: Values
  readonly node: NodeSettings
  /** Where each setting that was given comes from, by path. */
  readonly origins: ReadonlyMap<string, string>
  /** The front-ends to start. */
  readonly frontends: readonly Frontend[]
  readonly namespaces: readonly Namespace[]
  /** Undefined: the node stands alone. */
  readonly ring: OwnRing | undefined
  /** Secrets that development made up, by variable. */
  readonly generated: ReadonlyMap<string, string>
  /** One sentence each; empty: the node can start. */
  readonly mistakes: readonly string[]
  readonly warnings: readonly ConfigurationWarning[]
}

/** What a stop needs beside the spread, or its own deadline would cut it short. */
const stopMsMin = 1_000

export function readConfiguration(
  known: readonly Frontend[],
  sources: Sources,
  random: Random,
): Configuration {
  const { values, origins, mistakes, warnings: exposed } = readSettings(sectionsFor(known), sources)
  const node = nodeSettingsOf(values)
  const frontends = known.filter(frontend => isWanted(frontend, node, values))
  const { ring, mistakes: ringMistakes } = readRing(known, frontends, { values, origins })
  placeRingListener(ring, { values, origins })
  const ofRing = ringSettingsOf(values).nodes.length > 0 ? [ringSection] : []
  const sections = [nodeSection, adminSection, ...ofRing, ...frontends.map(({ section }) => section)]
  const { generated, refused, warnings: weak } = checkMode(values, origins, sections, random)
  const files = checkFiles(values, frontends)
  const cluster = checkCluster({ values, origins }, sections)
  const warnings = [
    ...exposed,
    ...cluster.warnings,
    ...weak.map(text => ({ code: 'setting-weak', text }) as const),
    ...files.warnings.map(text => ({ code: 'file-doubtful', text }) as const),
  ]
  const own = new Map(frontends.map(frontend => [frontend, ownMistakes(frontend, values)]))
  // What a protocol makes of its settings it makes of sound ones.
  const sound = frontends.filter(frontend => own.get(frontend)?.length === 0)
  const { namespaces, mistakes: unfit } = readNamespaces(known, sound, { values, origins })
  const all = [
    ...mistakes,
    ...onlyMistakes(known, node),
    ...[...own.values()].flat(),
    ...files.refused,
    ...frontends.flatMap(({ name }) => patternMistakes(name, values)),
    ...refused,
    ...checkOpen(values, frontends),
    ...unfit,
    ...cluster.mistakes,
    ...ringMistakes,
  ]
  if (node.drainTimeoutMs < node.drainSpreadMs + stopMsMin) {
    all.push(
      `${variableOf('', 'drainTimeoutMs')} must leave ${stopMsMin} ms beyond ${variableOf('', 'drainSpreadMs')}: at least ${node.drainSpreadMs + stopMsMin}`,
    )
  }
  if (all.length === 0 && frontends.length === 0)
    all.push('there is no protocol to start; every address is off')
  return { values, node, origins, frontends, namespaces, ring, generated, mistakes: all, warnings }
}

/** Whether a node with these settings starts the protocol. */
export function isWanted(frontend: Frontend, { only }: NodeSettings, values: Values): boolean {
  const { name } = frontend
  const listens = doorsOf(frontend).some(({ setting }) => ![values[name]?.[setting]].flat().every(isOff))
  return listens && (only.length === 0 || only.includes(name))
}

function isOff(address: unknown): boolean {
  return address === 'off'
}

function ownMistakes({ name, mistakes }: Frontend, values: Values): readonly string[] {
  const settings = values[name] as never // read against its section
  return (mistakes?.(settings) ?? []).map(mistake => `${name}: ${mistake}`)
}

/** Of the lists that every front-end has. */
function patternMistakes(name: string, values: Values): readonly string[] {
  return ['subscribe', 'publish'].flatMap(key => {
    const patterns = values[name]?.[key]
    if (!Array.isArray(patterns)) return []
    const faults = patterns.map(pattern => [pattern, patternFault(String(pattern))] as const)
    return faults
      .filter(([, fault]) => fault !== undefined)
      .map(([pattern, fault]) => `${variableOf(name, key)}: ${String(pattern).slice(0, 40)}… ${fault}`)
  })
}

function onlyMistakes(known: readonly Frontend[], { only }: NodeSettings): readonly string[] {
  const names = known.map(({ name }) => name)
  return only
    .filter(name => !names.includes(name))
    .map(name => `${variableOf('', 'only')}: ${name} ${unknownText(name, names)}`)
}
