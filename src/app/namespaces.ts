// The node's namespaces, out of the settings: the engine's defaults and what the operator says of some patterns.

import { defaultNamespace, type Namespace, parseNamespaces } from '../engine/namespace.ts'
import { variableOf } from '../settings/names.ts'
import type { Values } from '../settings/settings.ts'
import { engineSettingsOf, historySettingsOf, nodeSettingsOf } from './node.ts'

/** The last one matches every channel. Mistakes name the variable. */
export function readNamespaces(values: Values): {
  namespaces: readonly Namespace[]
  mistakes: readonly string[]
} {
  const fallback = defaultNamespace(engineSettingsOf(values), historySettingsOf(values))
  const { namespaces, mistakes } = parseNamespaces(nodeSettingsOf(values).namespaces, fallback)
  return { namespaces, mistakes: mistakes.map(mistake => `${variableOf('', 'namespaces')}: ${mistake}`) }
}
