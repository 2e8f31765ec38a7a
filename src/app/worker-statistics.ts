// What one worker counts, gathered from its parts.
import { adminSection } from '../admin/settings.ts'
import type { Engine } from '../engine/engine.ts'
import { type Net, netStatistics } from '../net/net.ts'
import type { Server } from '../net/server.ts'
import type { WorkerStatistics } from '../telemetry/statistics.ts'
import type { Offload } from '../threads/offload.ts'
import type { PortLink } from '../threads/port-link.ts'
import type { Room } from './frontend-context.ts'
import type { WorkerGates } from './worker-gates.ts'

interface Counting {
  readonly engine: Engine
  readonly net: Net
  readonly offload: Offload
  readonly rooms: ReadonlyMap<string, Room>
  readonly servers: ReadonlyMap<string, Server>
  readonly gates: WorkerGates
  readonly links: ReadonlyMap<number, PortLink>
  /** See `Parts`. */
  readonly misrouted: ReadonlyMap<string, number>
  /** By a name of its own, where there are other nodes. */
  readonly ring: readonly (readonly [name: string, counts: Readonly<Record<string, number>>])[]
}

export function statisticsOf(parts: Counting): WorkerStatistics {
  const { engine, net, offload, rooms, servers, gates, links, misrouted, ring } = parts
  const countsOf = (name: string) => ({ ...rooms.get(name)?.statistics() })
  const protocols = [...misrouted].map(
    ([name, count]) => [name, { ...countsOf(name), misrouted: count }] as const,
  )
  const listeners = [
    ...[...servers].map(
      ([name, server]) => [name, { connections: server.connections(), ...server.counters }] as const,
    ),
    ...gates.statistics(),
  ]
  return {
    ...engine.statistics(),
    traffic: netStatistics(net),
    offload: offload.statistics(),
    protocols: new Map([...protocols, ...ring]),
    admin: countsOf(adminSection.name),
    listeners: new Map(listeners),
    links: new Map([...links].map(([to, link]) => [to, { ...link.counters }])),
  }
}
