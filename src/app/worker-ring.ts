// A worker's part in the ring of nodes, out of the settings: the way to other nodes, and the room that they ask.
import type { Engine } from '../engine/engine.ts'
import type { Frontend } from '../frontends/frontend.ts'
import type { Exchange } from '../net/exchange.ts'
import type { OwnRing } from '../ring/nodes.ts'
import { RingRoom } from '../ring/ring-room.ts'
import { WorkerRing } from '../ring/worker-ring.ts'
import type { Values } from '../settings/settings.ts'
import { systemClock } from '../std/clock.ts'
import { systemRandom } from '../std/random.ts'
import type { Log } from '../telemetry/log.ts'
import { type NodeData, nodeSettingsOf, workersOf } from './node.ts'
import { readRing, ringSettingsOf } from './ring.ts'

/** The front-ends that run. */
type Started = readonly Frontend[]

/** Undefined: the node stands alone. */
export function openWorkerRing(
  known: readonly Frontend[],
  { values, protocols }: NodeData,
  log: Log<string>,
): WorkerRing | undefined {
  const ring = ringOf(startedOf(known, protocols), values)
  if (ring === undefined) return undefined
  return new WorkerRing({
    clock: systemClock,
    random: systemRandom,
    log,
    ring,
    settings: ringSettingsOf(values),
  })
}

export class RingDoor {
  readonly #room: RingRoom
  readonly #ring: WorkerRing
  readonly #engine: Engine
  readonly #started: Started
  readonly #workers: number

  constructor(
    known: readonly Frontend[],
    { protocols, ring: owners }: NodeData,
    ring: WorkerRing,
    engine: Engine,
    log: Log<string>,
  ) {
    this.#ring = ring
    this.#engine = engine
    this.#started = startedOf(known, protocols)
    this.#workers = workersOf(owners)
    this.#room = new RingRoom({ ring, engine, clock: systemClock, log })
  }

  handle(exchange: Exchange): void {
    this.#room.handle(exchange)
  }

  statistics(): Readonly<Record<string, number>> {
    return this.#room.statistics()
  }

  /** Subscribers of channels that are elsewhere now come back to where these are, not all at once. */
  change(values: Values): void {
    const ring = ringOf(this.#started, values)
    if (ring === undefined) return
    const isMoved = this.#ring.change(ring, ringSettingsOf(values))
    this.#room.reload()
    if (!isMoved) return
    const { drainSpreadMs, returnsPerSecond } = nodeSettingsOf(values)
    this.#engine.release(drainSpreadMs, returnsPerSecond / this.#workers)
  }
}

function startedOf(known: readonly Frontend[], protocols: readonly string[]): Started {
  return known.filter(({ name }) => protocols.includes(name))
}

/** The primary judged the settings. */
function ringOf(started: Started, values: Values): OwnRing | undefined {
  return readRing(started, started, { values, origins: new Map() }).ring
}
