// The first step of a stop in one worker (law 15): its clients are sent away, those that the engine knows of and those that rooms
// hold besides, at the same time.
import type { Engine } from '../engine/engine.ts'
import { readWorkerData } from '../threads/station.ts'
import type { Room } from './frontend-context.ts'
import { type NodeData, workersOf } from './node.ts'
import type { NodeSettings } from './settings.ts'

interface Parts {
  readonly engine: Engine
  readonly rooms: ReadonlyMap<string, Room>
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
