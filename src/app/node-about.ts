// What a node says of itself to those that are joined to it: what must be the same on all of them, as digests, for lists are long
// and nobody's business.
import { createHash } from 'node:crypto'

import { packageVersion } from '../admin/version.ts'
import type { About } from '../cluster/about.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { engineSettingsOf, type NodeData } from './node.ts'

/** Of so many bytes in hexadecimal: nobody gains by two that are alike. */
const digestBytes = 8

/** `namespaces`: what is kept of which channel, and who may use it. `protocols`: those that run, their channels, and how they order. */
export function aboutOf(
  known: readonly Frontend[],
  { values, protocols, namespaces }: Pick<NodeData, 'values' | 'protocols' | 'namespaces'>,
): About {
  const running = known.filter(({ name }) => protocols.includes(name))
  return {
    version: packageVersion().replace(/[^\w.+-]/g, '-'),
    namespaces: digestOf([namespaces, engineSettingsOf(values).idempotencyMs]),
    protocols: digestOf(running.map(frontend => saidOf(frontend, values))),
  }
}

function saidOf({ name, section, sequencing }: Frontend, values: NodeData['values']): readonly unknown[] {
  const own = values[name] ?? {}
  const ofNodes = Object.entries(section.fields).filter(
    ([, setting]) => setting.type === 'choice' && setting.isOfNodes === true,
  )
  const { subscribe, publish } = own
  const order = sequencing?.(own as never) // read against its section
  return [name, subscribe, publish, order, ofNodes.map(([key]) => [key, own[key]])]
}

function digestOf(value: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(value, sorted))
  return hash.digest('hex').slice(0, 2 * digestBytes)
}

/** In whatever order somebody wrote the members of a record. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
