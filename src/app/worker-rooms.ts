// The rooms of one worker: those of front-ends, each with its doors, and that of the admin listener.
import { Admin, type NodeStatus } from '../admin/admin.ts'
import type { Operated } from '../admin/operated.ts'
import { adminSection } from '../admin/settings.ts'
import type { DoorRoom, Frontend } from '../frontends/frontend.ts'
import { openCorkHolder } from '../net/cork-holder.ts'
import type { Exchange } from '../net/exchange.ts'
import { type Mount, openServer } from '../net/server.ts'
import { ringMetrics } from '../ring/metrics.ts'
import { ringSection } from '../ring/settings.ts'
import { systemClock } from '../std/clock.ts'
import { systemRandom } from '../std/random.ts'
import { readWorkerData, type Station } from '../threads/station.ts'
import { adminDoor, doorsOf, entranceName, ringDoor } from './doors.ts'
import { contextOf } from './frontend-context.ts'
import { adminSettingsOf, type NodeData, nodeSettingsOf, ownerMapOf } from './node.ts'
import { mountPlayground } from './play-mounts.ts'
import type { Parts } from './worker-parts.ts'

const clock = systemClock

/** Each front-end gets one child App for its main address and one for its shard ports; admin has no shard ports. */
export async function openRooms(
  known: readonly Frontend[],
  node: NodeData,
  parts: Parts,
  station: Station,
): Promise<void> {
  const { values, protocols, ring } = node
  const { engine, net, log, rooms, servers, misrouted, elsewhere } = parts
  const { slot } = readWorkerData<NodeData>()
  const ownerOf = ownerMapOf(ring)
  const isDevelopment = nodeSettingsOf(values).mode === 'development'
  const serve = (entrance: string, room: DoorRoom, byShard = false, mounts: readonly Mount[] = []) => {
    const handle = (exchange: Exchange) => {
      exchange.byShard = byShard
      room.handle(exchange)
    }
    if (room.sockets !== undefined) parts.holder ??= openCorkHolder(net.uws, clock, systemRandom)
    servers.set(entrance, openServer(net, handle, room.sockets, mounts, parts.holder))
  }
  for (const frontend of known.filter(({ name }) => protocols.includes(name))) {
    const { name, open } = frontend
    misrouted.set(name, 0)
    const room = open(contextOf(name, { ...parts, node, slot, ownerOf, elsewhere, clock, station }))
    rooms.set(name, room)
    if (room.gates !== undefined) parts.gates.open(name, room.gates)
    for (const door of doorsOf(frontend)) {
      if (door.isGate) continue
      const doorRoom = room.doors?.[door.name ?? ''] ?? room
      if (!isDoorRoom(doorRoom)) throw new Error(`${name} has no room for its door ${door.setting}`)
      serve(entranceName(name, door), doorRoom, door.perWorker)
    }
  }
  const admin = new Admin({
    settings: adminSettingsOf(values),
    engine,
    clock,
    log,
    metrics: [...known.flatMap(({ metrics }) => metrics ?? []), ...ringMetrics],
    operated: known.flatMap(frontend => operatedOf(frontend, rooms)),
    status: done => station.gather('node', report => done(report as NodeStatus)), // see `NodeQuestion`
  })
  rooms.set(adminSection.name, admin)
  const mounts = isDevelopment ? mountPlayground(known, node, clock, parts, admin) : []
  serve(entranceName(adminSection.name, adminDoor), admin, false, mounts)
  if (parts.ring !== undefined) serve(entranceName(ringSection.name, ringDoor), parts.ring)
  await parts.holder?.ready
}

function isDoorRoom(room: Partial<DoorRoom>): room is DoorRoom {
  return room.handle !== undefined
}

/** What the front-end serves on the admin listener, where it runs. */
function operatedOf({ name, operate: routes = [] }: Frontend, rooms: Parts['rooms']): readonly Operated[] {
  const room = rooms.get(name)
  if (room === undefined || routes.length === 0) return []
  if (room.operate === undefined)
    throw new Error(`${name} declares routes of operators, and its room serves none`)
  return [{ name, routes, handle: call => room.operate?.(call) }]
}
