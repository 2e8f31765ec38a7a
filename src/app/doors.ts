// Where a node is reached: the doors of its front-ends, that of the admin listener, and that for other nodes.
import { adminSection } from '../admin/settings.ts'
import type { Door, Frontend } from '../frontends/frontend.ts'
import { ringSection } from '../ring/settings.ts'

/** A section with addresses, and what they are for. */
export interface Reachable {
  readonly name: string
  readonly doors: readonly Door[]
}

/** Of a front-end that names none: an address for everybody and, where it has the setting, one more for each worker. */
const usualDoors: readonly Door[] = [
  { setting: 'listen' },
  { name: 'shard', setting: 'shardPorts', perWorker: true },
]

export const adminDoor: Door = { setting: 'listen' }
export const ringDoor: Door = { setting: 'listen' }

export function doorsOf({ doors, section }: Frontend): readonly Door[] {
  return doors ?? usualDoors.filter(({ setting }) => setting in section.fields)
}

/** The front-ends, then the admin listener, and the one for other nodes where there are some. */
export function reachableOf(frontends: readonly Frontend[], hasRing: boolean): readonly Reachable[] {
  return [
    ...frontends.map(frontend => ({ name: frontend.name, doors: doorsOf(frontend) })),
    { name: adminSection.name, doors: [adminDoor] },
    ...(hasRing ? [{ name: ringSection.name, doors: [ringDoor] }] : []),
  ]
}

/** Of the child App that serves the door in each worker. */
export function entranceName(section: string, { name }: Door): string {
  return name === undefined ? section : `${section} ${name}`
}
