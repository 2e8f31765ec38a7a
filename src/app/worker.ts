import { type Join, join } from '../cluster/membership.ts'
import type { Engine } from '../engine/engine.ts'
import type { Slot } from '../engine/words/link.ts'
import type { Frontend } from '../frontends/frontend.ts'
import * as registry from '../frontends/registry.ts'
import { openNet } from '../net/net.ts'
import { ringSection } from '../ring/settings.ts'
import type { Values } from '../settings/settings.ts'
import { packChannels } from '../state/state.ts'
import { systemClock } from '../std/clock.ts'
import { systemRandom } from '../std/random.ts'
import { openLog } from '../telemetry/log.ts'
import type { Answer, Question, ToWorker } from '../threads/control.ts'
import { Offload } from '../threads/offload.ts'
import { PortLink } from '../threads/port-link.ts'
import { PackedPort } from '../threads/side-port.ts'
import { readWorkerData, Station, untilBegun } from '../threads/station.ts'
import { depart, sendAway } from './departure.ts'
import type { Room } from './frontend-context.ts'
import { engineSettingsOf, type NodeData, netSettingsOf, nodeSettingsOf, workersOf } from './node.ts'
import { aboutOf } from './node-about.ts'
import type { NodeSettings } from './settings.ts'
import { WorkerCluster } from './worker-cluster.ts'
import { openEngine } from './worker-engine.ts'
import { WorkerGates } from './worker-gates.ts'
import type { Parts } from './worker-parts.ts'
import { openWorkerRing, RingDoor } from './worker-ring.ts'
import { openRooms } from './worker-rooms.ts'
import { statisticsOf } from './worker-statistics.ts'
import {
  isStep,
  type Readers,
  readersOf,
  type SuccessionStep,
  succeed,
  type Way,
} from './worker-succession.ts'

export const frontends: readonly Frontend[] = Object.values(registry)

const clock = systemClock
/** Time for the last bytes of ended streams to reach the kernel. */
const drainPauseMs = 100
/** How often a stopping worker looks whether its last publishes were answered. */
const pendingMs = 5

/** Runs until the primary or a bug ends it. */
export async function runWorker(known: readonly Frontend[] = frontends, joinBy: Join = join): Promise<void> {
  const early = await untilBegun()
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
  const station: Station = stationOf(parts, { slot, early, readers: () => readers })
  cluster.tellBy(news => station.tell(news))
  const readers = await readersOf(app.awaited, { clock, log })
  await openRooms(known, app, parts, station)
  interested.push(...[...parts.rooms.values()].filter(({ interest }) => interest !== undefined))
  // It may have come while the rooms were opened with what the thread was started with.
  if (parts.values !== app.values) reload(parts)
  station.booted(Object.fromEntries([...parts.servers].map(([name, { descriptor }]) => [name, descriptor])))
}

/** `early`: what came before it was there. `readers`: of the process before, known when the rooms are opened. */
function stationOf(
  parts: Parts,
  { slot, early, readers }: { slot: Slot; early: readonly ToWorker[]; readers: () => Readers },
): Station {
  const { cluster, engine } = parts
  const station: Station = new Station({
    clock,
    early,
    open(ends) {
      for (const end of ends) engine.linkUp(openLink(parts, station, end))
      void readers().ways.then(ways => engine.open(ways.map(way => openLink(parts, station, way))))
    },
    link: end => engine.linkUp(openLink(parts, station, end)),
    answer(question, done) {
      if (!isStep(question)) return answer(parts, nodeSettingsOf(parts.values), question, done)
      return succeed(
        { slot, engine, links: parts.links, openLink: way => openLink(parts, station, way) },
        question,
        done,
      )
    },
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
  return station
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

function openLink({ engine, links }: Parts, station: Station, { slot: to, port, isReader }: Way): PortLink {
  const { app } = readWorkerData<NodeData>()
  const { linkBytesMax } = engineSettingsOf(app.values)
  const link = new PortLink({
    to,
    port,
    isReader,
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
  question: Exclude<Question, 'salvage' | SuccessionStep>,
  done: (answer: Answer) => void,
): void {
  const { engine, net } = parts
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
    case 'depart':
      net.isLeaving = true
      void parts.gates.retire()
      return depart({ ...parts, clock }, node, () => clock.after(drainPauseMs, () => done(undefined)))
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

function ringCounts({ ring }: Parts): readonly (readonly [string, Readonly<Record<string, number>>])[] {
  return ring === undefined ? [] : [[ringSection.name, ring.statistics()]]
}
