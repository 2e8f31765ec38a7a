// The settings of the cluster beside those of other rooms.
import { clusterMistakes } from '../cluster/mistakes.ts'
import { clusterSection } from '../cluster/settings.ts'
import { pathOf, variableOf } from '../settings/names.ts'
import type { SettingsReading } from '../settings/settings.ts'
import type { Section } from '../std/setting.ts'
import { clusterSettingsOf, nodeSettingsOf } from './node.ts'
import { ringSettingsOf } from './ring.ts'
import type { ConfigurationWarning } from './warnings.ts'

export interface ClusterCheck {
  readonly mistakes: readonly string[]
  readonly warnings: readonly ConfigurationWarning[]
}

/** `sections`: those in use. */
export function checkCluster(
  { values, origins }: Pick<SettingsReading, 'values' | 'origins'>,
  sections: readonly Section[],
): ClusterCheck {
  const settings = clusterSettingsOf(values)
  const nameOf = (section: string, key: string) =>
    origins.get(pathOf(section, key)) ?? variableOf(section, key)
  const own = (key: string) => nameOf(clusterSection.name, key)
  const mistakes = clusterMistakes(settings).map(
    ({ key, text }) => `${own(key)} ${text.replace(/\{(\w+)\}/g, (_, other: string) => own(other))}`,
  )
  if (settings.mode !== 'solo' && ringSettingsOf(values).nodes.length > 0) {
    mistakes.push(
      `${own('mode')} is ${settings.mode} and ${nameOf('ring', 'nodes')} lists nodes; channels are ordered by what joins the nodes, or by the node that a proxy finds, not by both`,
    )
  }
  const idle: string[] = []
  if (settings.mode === 'solo' && settings.url.length > 0)
    idle.push(`${own('url')} has no effect: ${own('mode')} is solo, so that this node stands alone`)
  if (settings.mode === 'solo') {
    for (const { name, key, usual } of ofNodes(sections)) {
      if (values[name]?.[key] !== usual)
        idle.push(
          `${nameOf(name, key)} has no effect: ${own('mode')} is solo, so that this node stands alone`,
        )
    }
  }
  if (settings.mode !== 'solo' && nodeSettingsOf(values).stateDir !== '') {
    idle.push(
      `${nameOf('', 'stateDir')} keeps no numbering and no history: with ${own('mode')}=${settings.mode} both are kept there`,
    )
  }
  return { mistakes, warnings: idle.map(text => ({ code: 'setting-idle', text })) }
}

function ofNodes(
  sections: readonly Section[],
): readonly { readonly name: string; readonly key: string; readonly usual: string }[] {
  return sections.flatMap(({ name, fields }) =>
    Object.entries(fields).flatMap(([key, setting]) =>
      setting.type === 'choice' && setting.isOfNodes === true ? [{ name, key, usual: setting.default }] : [],
    ),
  )
}
