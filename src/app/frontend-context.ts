// What a front-end is opened with in a worker: its settings, the engine, and its ways to its own rooms in other workers.
import type { Elsewhere } from '../engine/elsewhere.ts'
import type { Engine } from '../engine/engine.ts'
import type { OwnerMap } from '../engine/ring.ts'
import type { Slot } from '../engine/words/link.ts'
import type { FrontendContext, FrontendRoom, Offload } from '../frontends/frontend.ts'
import type { Net } from '../net/net.ts'
import type { Clock } from '../std/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { Station } from '../threads/station.ts'
import { Asker } from './asker.ts'
import { clusterSettingsOf, type NodeData, nodeSettingsOf, workersOf } from './node.ts'

/** A front-end or the admin room. */
export type Room = Omit<FrontendRoom, 'doors' | 'gates'>

/** Of the worker. */
export interface Surroundings {
  readonly node: NodeData
  readonly slot: Slot
  readonly ownerOf: OwnerMap
  readonly elsewhere: Elsewhere | undefined
  readonly engine: Engine
  readonly clock: Clock
  readonly net: Pick<Net, 'intake'>
  readonly offload: Offload
  readonly log: Log<string>
  /** By name. */
  readonly rooms: ReadonlyMap<string, Room>
  /** By protocol: requests at this worker's shard ports for channels that other workers, or other nodes, own. */
  readonly misrouted: Map<string, number>
  readonly station: Pick<Station, 'gather' | 'wantSide'>
}

export function contextOf(name: string, surroundings: Surroundings): FrontendContext<never> {
  const { node, slot, ownerOf, elsewhere, engine, clock, net, offload, log, rooms, misrouted, station } =
    surroundings
  const { values, startedUnixMs } = node
  const asker = new Asker({
    room: name,
    slot,
    ownerOf,
    here: (key, question) => rooms.get(name)?.answer?.(key, question),
    elsewhere: (question, done) => station.gather(question, done),
  })
  return {
    settings: values[name] as never, // read by the primary against the front-end's own section
    engine,
    clock,
    intake: net.intake,
    offload,
    stateFolder: nodeSettingsOf(values).stateDir,
    log,
    isDevelopment: nodeSettingsOf(values).mode === 'development',
    startedUnixMs,
    isJoined: clusterSettingsOf(values).mode !== 'solo',
    workers: workersOf(node.ring),
    ownAddresses: [...node.listeners, ...node.gates.map(({ address }) => address)],
    gather: (topic, done) =>
      station.gather({ room: name, topic }, reports => done(reports as readonly unknown[])), // see `NodeQuestion`
    ask: (key, question, done) => asker.ask(key, question, done),
    owns: key => asker.owns(key),
    wantSide: () => station.wantSide(name),
    routed(exchange, channel) {
      const isHere = elsewhere?.owns(channel) !== true && ownerOf(channel) === slot
      if (exchange.byShard && !isHere) misrouted.set(name, (misrouted.get(name) ?? 0) + 1)
    },
  }
}
