// The node's namespaces, out of the settings: the engine's defaults and what the operator says of some patterns.

import { defaultNamespace, type Namespace, parseNamespaces } from '../engine/namespace.ts'
import type { EngineSettings, HistorySettings } from '../engine/settings.ts'
import { variableOf } from '../settings/names.ts'
import type { Values } from '../settings/settings.ts'
import { nodeSettingsOf } from './node.ts'

/** The last one matches every channel. Mistakes name the variable. */
export function readNamespaces(values: Values): {
  namespaces: readonly Namespace[]
  mistakes: readonly string[]
} {
  // Each was read against its own section.
  const node = nodeSettingsOf(values)
  const engine = values['engine'] as unknown as EngineSettings // likewise
  const history = values['history'] as unknown as HistorySettings // likewise
  const { namespaces, mistakes } = parseNamespaces(node.namespaces, defaultNamespace(engine, history))
  return { namespaces, mistakes: mistakes.map(mistake => `${variableOf('', 'namespaces')}: ${mistake}`) }
}
