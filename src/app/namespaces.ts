// The node's namespaces, out of the settings: the engine's defaults and what the operator says of some patterns.

import { adminSection } from '../admin/settings.ts'
import { defaultNamespace, type Namespace, parseNamespaces } from '../engine/namespace.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { unknownText, variableOf } from '../settings/names.ts'
import type { Values } from '../settings/settings.ts'
import { engineSettingsOf, historySettingsOf, nodeSettingsOf } from './node.ts'

/** The last one matches every channel. Mistakes name the variable. */
export function readNamespaces(
  known: readonly Frontend[],
  values: Values,
): {
  namespaces: readonly Namespace[]
  mistakes: readonly string[]
} {
  const fallback = defaultNamespace(engineSettingsOf(values), historySettingsOf(values))
  const { namespaces, mistakes } = parseNamespaces(nodeSettingsOf(values).namespaces, fallback, {
    vias: [...known.map(({ name }) => name), adminSection.name],
    unknown: unknownText,
  })
  return { namespaces, mistakes: mistakes.map(mistake => `${variableOf('', 'namespaces')}: ${mistake}`) }
}
