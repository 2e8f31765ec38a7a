// Where a node is reached: the doors of its front-ends, and the one of the admin listener.
import { adminSection } from '../admin/settings.ts'
import type { Door, Frontend } from '../frontends/frontend.ts'

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

export function doorsOf({ doors, section }: Frontend): readonly Door[] {
  return doors ?? usualDoors.filter(({ setting }) => setting in section.fields)
}

/** The front-ends, then the admin listener. */
export function reachableOf(frontends: readonly Frontend[]): readonly Reachable[] {
  return [
    ...frontends.map(frontend => ({ name: frontend.name, doors: doorsOf(frontend) })),
    { name: adminSection.name, doors: [adminDoor] },
  ]
}

/** Of the child App that serves the door in each worker. */
export function entranceName(section: string, { name }: Door): string {
  return name === undefined ? section : `${section} ${name}`
}
