// The node's namespaces, out of the settings: what the operator says of some patterns, then what front-ends do, then the
// engine's defaults. What front-ends say of their private channels stands among them, and fits no name.
import assert from 'node:assert/strict'

import { adminSection } from '../admin/settings.ts'
import {
  defaultNamespace,
  type Namespace,
  type NamespaceEntry,
  namespaceMistakes,
  namespacesFrom,
} from '../engine/words/namespace.ts'
import { privatePattern } from '../engine/words/private.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { pathOf, unknownText, variableOf } from '../settings/names.ts'
import type { SettingsReading, Values } from '../settings/settings.ts'
import { engineSettingsOf, historySettingsOf, nodeSettingsOf } from './node.ts'

/** The last one matches every channel. Mistakes name the variable, or the front-end whose defaults are wrong. */
export function readNamespaces(
  known: readonly Frontend[],
  started: readonly Frontend[],
  { values, origins }: Pick<SettingsReading, 'values' | 'origins'>,
): {
  namespaces: readonly Namespace[]
  mistakes: readonly string[]
} {
  const fallback = defaultNamespace(engineSettingsOf(values), historySettingsOf(values))
  const records = nodeSettingsOf(values).namespaces
  const name = origins.get(pathOf('', 'namespaces')) ?? variableOf('', 'namespaces')
  const vias = [...known.map(frontend => frontend.name), adminSection.name]
  const words = { vias, unknown: unknownText }
  const defaults = started.map(frontend => ({ name: frontend.name, entries: defaultsOf(frontend, values) }))
  return {
    namespaces: namespacesFrom(
      [
        ...records,
        ...defaults.flatMap(({ entries }) => entries),
        ...started.flatMap(frontend => groupsOf(frontend, values)),
      ],
      fallback,
    ),
    mistakes: [
      ...namespaceMistakes(records, name, words),
      ...defaults.flatMap(({ name, entries }) => namespaceMistakes(entries, `${name}.channels`, words)),
    ],
  }
}

function defaultsOf({ name, channels }: Frontend, values: Values): readonly NamespaceEntry[] {
  return channels?.(values[name] as never) ?? [] // read against its section
}

/** Nobody but the front-end may use what is its own, and it makes groups under its own name only. */
function groupsOf({ name, privateGroups }: Frontend, values: Values): readonly NamespaceEntry[] {
  const groups = privateGroups?.(values[name] as never) ?? [] // read against its section
  return groups.map(({ group, ...entry }) => {
    assert(group === name || group.startsWith(`${name}/`), `${group} is no group of ${name}`)
    return { ...entry, pattern: privatePattern(group), publish: [name], subscribe: [name] }
  })
}
