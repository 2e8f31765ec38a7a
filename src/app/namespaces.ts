// The node's namespaces, out of the settings: what the operator says of some patterns, then what front-ends do, then the
// engine's defaults.

import { adminSection } from '../admin/settings.ts'
import {
  defaultNamespace,
  type Namespace,
  namespaceMistakes,
  namespacesFrom,
} from '../engine/words/namespace.ts'
import { patternFault } from '../engine/words/pattern.ts'
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
  const defaults = started.flatMap(frontend => defaultsOf(frontend, values))
  return {
    namespaces: namespacesFrom([...records, ...defaults.map(({ entry }) => entry)], fallback),
    mistakes: [
      ...namespaceMistakes(records, name, { vias, unknown: unknownText }),
      ...defaults.flatMap(({ name, entry: { pattern } }) => {
        const fault = patternFault(pattern)
        return fault === undefined ? [] : [`${name}: the pattern ${pattern.slice(0, 40)}… ${fault}`]
      }),
    ],
  }
}

function defaultsOf({ name, channels }: Frontend, values: Values) {
  const entries = channels?.(values[name] as never) ?? [] // read against its section
  return entries.map(entry => ({ name, entry }))
}
