// The playground on the admin listener of development.
import type { Admin } from '../admin/admin.ts'
import type { Frontend } from '../frontends/frontend.ts'
import type { Mount } from '../net/server.ts'
import { Playground, type PlayProtocol, playPrefix } from '../playground/playground.ts'
import type { Values } from '../settings/settings.ts'
import type { Clock } from '../std/clock.ts'
import type { Room } from './frontend-context.ts'
import { doorAddresses } from './gates.ts'
import type { NodeData } from './node.ts'

/** Of the worker. */
interface Surroundings {
  readonly rooms: ReadonlyMap<string, Room>
  /** As they were read last. */
  readonly values: Values
}

/** What the admin listener has in development: the page, and each protocol on the page's own origin. */
export function mountPlayground(
  known: readonly Frontend[],
  { addresses, gates }: NodeData,
  clock: Clock,
  parts: Surroundings,
  admin: Admin,
): readonly Mount[] {
  const mounts: Mount[] = []
  const protocols: PlayProtocol[] = []
  for (const { name, play } of known) {
    const room = parts.rooms.get(name)
    if (room === undefined || play === undefined) continue
    if (room.handle !== undefined)
      mounts.push({
        prefix: `${playPrefix}/${name}`,
        sockets: room.sockets,
        handle: admin.guarded(exchange => room.handle?.(exchange)),
      })
    const doors = doorAddresses(gates, name)
    const kit: PlayProtocol['kit'] = place => play.kit(parts.values[name] as never, { ...place, doors }) // read against its section
    protocols.push({ name, module: play.module, address: addresses[name], kit })
  }
  const playground = new Playground(clock, protocols)
  const page = { prefix: playPrefix, handle: admin.guarded(exchange => playground.handle(exchange)) }
  return [...mounts, page]
}
