// The first step of a stop in one worker (law 15): its clients are sent away, those that the engine knows of and those that rooms
// hold besides, at the same time.
import type { Engine } from '../engine/engine.ts'
import { returnMsMax } from '../engine/reader/returns.ts'
import type { Clock } from '../std/clock.ts'
import { readWorkerData } from '../threads/station.ts'
import type { Room } from './frontend-context.ts'
import { type NodeData, workersOf } from './node.ts'
import type { NodeSettings } from './settings.ts'

interface Parts {
  readonly engine: Engine
  readonly rooms: ReadonlyMap<string, Room>
}

/** A client's connection that nothing came on for so long is closed by the library. */
const idleMs = 12_000

/**
 * Of a node whose place another process has: its clients go there one after the other, as many a second as would come back to a new
 * node, and requests on connections that are here are answered until none can come any more.
 */
export function depart(parts: Parts & { readonly clock: Clock }, node: NodeSettings, done: () => void): void {
  const { app } = readWorkerData<NodeData>()
  const { subscribers = 0 } = parts.engine.statistics().hub
  const perSecond = node.returnsPerSecond / workersOf(app.ring)
  const spreadMs = Math.min(returnMsMax, Math.max(node.drainSpreadMs, (subscribers * 1_000) / perSecond))
  let left = 2
  const both = () => {
    // Those who came meanwhile, and what rooms hold.
    if (--left === 0) sendAway(parts, { ...node, drainSpreadMs: 0 }, done)
  }
  parts.engine.depart(spreadMs, both)
  parts.clock.after(idleMs, both)
}

/** `done`: all were told. */
export function sendAway({ engine, rooms }: Parts, node: NodeSettings, done: () => void): void {
  const { drainSpreadMs, returnsPerSecond } = node
  const { app } = readWorkerData<NodeData>()
  const draining = [...rooms.values()].filter(({ drain }) => drain !== undefined)
  let left = draining.length + 1
  const told = () => {
    if (--left === 0) done()
  }
  // First, for the places of whoever it does not know are behind those of its own; and each worker has its share of the rate.
  engine.drain(drainSpreadMs, told, returnsPerSecond / workersOf(app.ring))
  for (const room of draining) room.drain?.(drainSpreadMs, told)
}
