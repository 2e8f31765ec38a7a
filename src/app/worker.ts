// A worker, wired in the order in which a publication flows: net, front-ends, engine, links.
import { Admin, type NodeStatus } from '../admin/admin.ts'
import type { Operated } from '../admin/operated.ts'
import { adminSection } from '../admin/settings.ts'
import { type Join, join } from '../cluster/membership.ts'
import type { Engine } from '../engine/engine.ts'
import type { DoorRoom, Frontend } from '../frontends/frontend.ts'
import * as registry from '../frontends/registry.ts'
import { type CorkHolder, openCorkHolder } from '../net/cork-holder.ts'
import type { Exchange } from '../net/exchange.ts'
import { type Net, openNet } from '../net/net.ts'
import { type Mount, openServer, type Server } from '../net/server.ts'
import { ringMetrics } from '../ring/metrics.ts'
import { ringSection } from '../ring/settings.ts'
import type { WorkerRing } from '../ring/worker-ring.ts'
import type { Values } from '../settings/settings.ts'
import { packChannels } from '../state/state.ts'
import { systemClock } from '../std/clock.ts'
import { systemRandom } from '../std/random.ts'
import { type Log, openLog } from '../telemetry/log.ts'
import type { Answer, LinkEnd, Question } from '../threads/control.ts'
import { Offload } from '../threads/offload.ts'
import { PortLink } from '../threads/port-link.ts'
import { PackedPort } from '../threads/side-port.ts'
import { readWorkerData, Station } from '../threads/station.ts'
import { sendAway } from './departure.ts'
import { adminDoor, doorsOf, entranceName, ringDoor } from './doors.ts'
import { contextOf, type Room } from './frontend-context.ts'
import {
  adminSettingsOf,
  engineSettingsOf,
  type NodeData,
  netSettingsOf,
  nodeSettingsOf,
  ownerMapOf,
  workersOf,
} from './node.ts'
import { aboutOf } from './node-about.ts'
import { mountPlayground } from './play-mounts.ts'
import type { NodeSettings } from './settings.ts'
import { WorkerCluster } from './worker-cluster.ts'
import { openEngine } from './worker-engine.ts'
import { WorkerGates } from './worker-gates.ts'
import { openWorkerRing, RingDoor } from './worker-ring.ts'
import { statisticsOf } from './worker-statistics.ts'

export const frontends: readonly Frontend[] = Object.values(registry)

/** What a worker consists of, by the names of its parts. */
interface Parts {
  readonly engine: Engine
  readonly cluster: WorkerCluster
  readonly net: Net
  readonly offload: Offload
  readonly log: Log<string>
  readonly rooms: Map<string, Room>
  readonly servers: Map<string, Server>
  readonly gates: WorkerGates
  /** Where WebSockets are served. */
  holder: CorkHolder | undefined
  readonly links: Map<number, PortLink>
  /** As they were read last. */
  values: Values
  /** By protocol: requests at this worker's shard ports for channels of other workers, which are served, or of other nodes. */
  readonly misrouted: Map<string, number>
  /** Where there are other nodes. */
  readonly elsewhere: WorkerRing | undefined
  ring: RingDoor | undefined
}

const clock = systemClock
/** Time for the last bytes of ended streams to reach the kernel. */
const drainPauseMs = 100
/** How often a stopping worker looks whether its last publishes were answered. */
const pendingMs = 5

/** Runs until the primary or a bug ends it. */
export async function runWorker(known: readonly Frontend[] = frontends, joinBy: Join = join): Promise<void> {
  const { slot, app } = readWorkerData<NodeData>()
  const log = await openLog(nodeSettingsOf(app.values), `worker-${slot}`)
  const about = aboutOf(known, app)
  const cluster = await WorkerCluster.open(joinBy, slot, app, { clock, random: systemRandom, log, about })
  const interested: Room[] = []
  const elsewhere = openWorkerRing(known, app, log)
  const engine = openEngine(known, slot, app, log, {
    elsewhere,
    opened: () => void serve(),
    interest: (...told) => interested.forEach(room => void room.interest?.(...told)),
    broker: cluster.broker,
  })
  const parts: Parts = {
    engine,
    cluster,
    net: await openNet(clock, netSettingsOf(app.values), () => station.alive()),
    offload: new Offload({ log }),
    log,
    rooms: new Map(),
    servers: new Map(),
    gates: new WorkerGates(clock, log, app.gates, { slot, workers: workersOf(app.ring) }),
    holder: undefined,
    links: new Map(),
    values: app.values,
    misrouted: new Map(),
    elsewhere,
    ring: elsewhere && new RingDoor(known, app, elsewhere, engine, log),
  }
  /** Whoever comes when the node serves already listens before connections are handed to it. */
  const serve = async () => {
    if (app.listens) await parts.gates.listen()
    station.ready()
  }
  const station: Station = new Station({
    clock,
    open: ends => engine.open(ends.map(end => openLink(parts, station, end))),
    link: end => engine.linkUp(openLink(parts, station, end)),
    answer: (question, done) => answer(parts, nodeSettingsOf(parts.values), question, done),
    side: (room, port) => parts.rooms.get(room)?.sided?.(port && new PackedPort(port)),
    update(update) {
      parts.values = update as Values // sent by this build's own `Reload`
      reload(parts)
    },
    retire() {
      engine.retire()
      for (const link of parts.links.values()) link.close()
      cluster.close(() => {})
      return packChannels(engine.snapshot())
    },
    closeSockets: () => closeSockets(parts),
  })
  cluster.tellBy(news => station.tell(news))
  await openRooms(known, app, parts, station)
  interested.push(...[...parts.rooms.values()].filter(({ interest }) => interest !== undefined))
  // It may have come while the rooms were opened with what the thread was started with.
  if (parts.values !== app.values) reload(parts)
  station.booted(Object.fromEntries([...parts.servers].map(([name, { descriptor }]) => [name, descriptor])))
}

function reload({ log, rooms, gates, ring, values }: Parts): void {
  log.level = nodeSettingsOf(values).logLevel
  gates.reload()
  ring?.change(values)
  for (const [name, room] of rooms) room.reload?.(values[name] as never) // read against its section
}

function closeSockets({ servers, gates, holder, offload }: Parts): void {
  for (const server of servers.values()) server.close()
  gates.close()
  holder?.close()
  void offload.close()
}

function openLink({ engine, links }: Parts, station: Station, { slot: to, port }: LinkEnd): PortLink {
  const { app } = readWorkerData<NodeData>()
  const { linkBytesMax } = engineSettingsOf(app.values)
  const link = new PortLink({
    to,
    port,
    clock,
    bytesMax: linkBytesMax,
    // An older link to the slot may still deliver, or close, after a newer one is up: it speaks for nobody.
    received: messages => {
      // A port hands over a thousand batches in one turn.
      station.alive()
      if (links.get(to) === link) engine.receive(to, messages)
    },
    drained: () => {
      if (links.get(to) === link) engine.linkDrained(to)
    },
    closed: () => {
      if (links.get(to) !== link) return
      links.delete(to)
      engine.linkDown(to)
    },
  })
  links.set(to, link)
  return link
}

/** The steps of a stop are law 15: see ARCHITECTURE.md. */
function answer(
  parts: Parts,
  node: NodeSettings,
  question: Exclude<Question, 'salvage'>,
  done: (answer: Answer) => void,
): void {
  const { engine } = parts
  if (typeof question === 'object') {
    const room = parts.rooms.get(question.room)
    const isOfKey = 'key' in question
    return done(isOfKey ? room?.answer?.(question.key, question.question) : room?.report?.(question.topic))
  }
  switch (question) {
    case 'statistics':
      return done(statisticsOf({ ...parts, ring: ringCounts(parts) }))
    case 'listen':
      return void parts.gates.listen().then(() => done(undefined))
    case 'drain':
      void parts.gates.retire()
      return sendAway(parts, node, () =>
        // An origin's answer is waited for, as long as the other steps still have their time.
        parts.gates.whenServed(node.drainTimeoutMs / 2 - node.drainSpreadMs, () =>
          clock.after(drainPauseMs, () => done(undefined)),
        ),
      )
    case 'seal':
      engine.seal()
      return whenAnswered(engine, () => done(undefined))
    case 'leave':
      return parts.cluster.close(() => done(packChannels(engine.snapshot())))
    default:
      question satisfies never
  }
}

function whenAnswered(engine: Engine, done: () => void): void {
  if (engine.pending === 0) done()
  else clock.after(pendingMs, () => whenAnswered(engine, done))
}

/** Each front-end gets one child App for its main address and one for its shard ports; admin has no shard ports. */
async function openRooms(
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

function ringCounts({ ring }: Parts): readonly (readonly [string, Readonly<Record<string, number>>])[] {
  return ring === undefined ? [] : [[ringSection.name, ring.statistics()]]
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
