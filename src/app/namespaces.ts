// The node's namespaces, out of the settings: what the operator says of some patterns, then what front-ends do, then the
// engine's defaults.

import { adminSection } from '../admin/settings.ts'
import { defaultNamespace, type Namespace, parseNamespaces } from '../engine/namespace.ts'
import { patternFault } from '../engine/pattern.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { unknownText, variableOf } from '../settings/names.ts'
import type { Values } from '../settings/settings.ts'
import { engineSettingsOf, historySettingsOf, nodeSettingsOf } from './node.ts'

/** The last one matches every channel. Mistakes name the variable, or the front-end whose defaults are wrong. */
export function readNamespaces(
  known: readonly Frontend[],
  started: readonly Frontend[],
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
  const own = started.flatMap(frontend => defaultsOf(frontend, values))
  return {
    namespaces: [
      ...namespaces.slice(0, -1),
      ...own.map(({ entry }) => ({ ...fallback, ...entry })),
      fallback,
    ],
    mistakes: [
      ...mistakes.map(mistake => `${variableOf('', 'namespaces')}: ${mistake}`),
      ...own.flatMap(({ name, entry: { pattern } }) => {
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
