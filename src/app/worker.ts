// A worker, wired in the order in which a publication flows: net, front-ends, engine, links.
import { Engine } from '../engine/engine.ts'
import { parseOffset } from '../engine/publication.ts'
import type { EngineSettings, HistorySettings } from '../engine/settings.ts'
import type { Frontend, FrontendContext, FrontendRoom } from '../frontends/frontend.ts'
import * as registry from '../frontends/registry.ts'
import { openServer, type Server } from '../net/server.ts'
import { loadUws } from '../net/uws.ts'
import { systemClock } from '../std/clock.ts'
import { systemRandom } from '../std/random.ts'
import { openLog } from '../telemetry/log.ts'
import type { Answer, LinkEnd, Question, Statistics } from '../threads/control.ts'
import { PortLink } from '../threads/port-link.ts'
import { readWorkerData, Station } from '../threads/station.ts'
import { entranceName, type NodeData, ownerMapOf } from './node.ts'
import type { NodeSettings } from './settings.ts'
import { createSeed, packChannels, parseChannels } from './state.ts'

export const frontends: readonly Frontend[] = Object.values(registry)

/** What a worker consists of, by the names of its parts. */
interface Parts {
  readonly engine: Engine
  readonly node: NodeSettings
  readonly rooms: Map<string, FrontendRoom>
  readonly servers: Map<string, Server>
  readonly links: Map<number, PortLink>
}

const clock = systemClock
/** Time for the last bytes of ended streams to reach the kernel. */
const drainPauseMs = 100
/** How often a stopping worker looks whether its last publishes were answered. */
const pendingMs = 5

/** Runs until the primary or a bug ends it. */
export async function runWorker(known: readonly Frontend[] = frontends): Promise<void> {
  const { slot, app } = readWorkerData<NodeData>()
  const node = app.values[''] as unknown as NodeSettings // read by the primary against the same sections
  const engine = new Engine({
    slot,
    clock,
    random: systemRandom,
    settings: app.values['engine'] as unknown as EngineSettings, // likewise
    history: app.values['history'] as unknown as HistorySettings, // likewise
    namespaces: app.namespaces,
    ownerOf: ownerMapOf(app.ring),
    seed: createSeed(app.seed, clock, parseOffset),
    opened: () => station.ready(),
  })
  if (app.restored !== undefined) engine.restore(parseChannels(app.restored), app.goneMs)
  const parts: Parts = { engine, node, rooms: new Map(), servers: new Map(), links: new Map() }
  const station: Station = new Station({
    clock,
    open: ends => engine.open(ends.map(end => openLink(parts, end))),
    link: end => engine.linkUp(openLink(parts, end)),
    answer: (question, done) => answer(parts, question, done),
    retire() {
      engine.retire()
      for (const link of parts.links.values()) link.close()
      return packChannels(engine.snapshot())
    },
    closeSockets() {
      for (const server of parts.servers.values()) server.close()
    },
  })
  await openRooms(known, app, parts, { engine, clock, log: openLog(node.logLevel, `worker-${slot}`) })
  const descriptors = [...parts.servers].map(([name, server]) => [name, server.descriptor])
  station.booted(Object.fromEntries(descriptors))
}

function openLink({ engine, links }: Parts, { slot: to, port }: LinkEnd): PortLink {
  const { app } = readWorkerData<NodeData>()
  const { linkBytesMax } = app.values['engine'] as unknown as EngineSettings // as in `runWorker`
  const link = new PortLink({
    to,
    port,
    clock,
    bytesMax: linkBytesMax,
    // An older link to the slot may still deliver, or close, after a newer one is up: it speaks for nobody.
    received: messages => {
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
function answer(parts: Parts, question: Question, done: (answer: Answer) => void): void {
  const { engine, node } = parts
  switch (question) {
    case 'statistics':
      return done(statisticsOf(parts))
    case 'drain':
      engine.drain(node.drainSpreadMs)
      return void clock.after(node.drainSpreadMs + drainPauseMs, () => done(undefined))
    case 'seal':
      engine.seal()
      return whenAnswered(engine, () => done(undefined))
    case 'leave':
      return done(packChannels(engine.snapshot()))
    default:
      question satisfies never
  }
}

function whenAnswered(engine: Engine, done: () => void): void {
  if (engine.pending === 0) done()
  else clock.after(pendingMs, () => whenAnswered(engine, done))
}

/** Each front-end gets one child App for its main address and one for its shard ports. */
async function openRooms(
  known: readonly Frontend[],
  { values, protocols }: NodeData,
  { rooms, servers }: Parts,
  context: Omit<FrontendContext<never>, 'settings'>,
): Promise<void> {
  const uws = await loadUws()
  for (const frontend of known.filter(({ name }) => protocols.includes(name))) {
    const settings = values[frontend.name] as never // read by the primary against the front-end's own section
    const room = frontend.open({ ...context, settings })
    rooms.set(frontend.name, room)
    for (const name of [entranceName.main(frontend.name), entranceName.shard(frontend.name)]) {
      servers.set(
        name,
        openServer(uws, clock, exchange => room.handle(exchange)),
      )
    }
  }
}

function statisticsOf({ engine, rooms, servers, links }: Parts): Statistics {
  const statistics: Record<string, Record<string, number>> = engine.statistics()
  for (const [name, room] of rooms) statistics[name] = { ...room.statistics() }
  for (const [name, server] of servers) {
    statistics[`net ${name}`] = { connections: server.connections(), ...server.counters }
  }
  for (const [to, link] of links) statistics[`link to ${to}`] = { ...link.counters }
  return statistics
}
