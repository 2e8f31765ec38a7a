// The workers of a node, and what front-ends have beside them, as the primary starts them: what each is told, and who hears of it.
import type { Slot } from '../engine/words/link.ts'
import type { Legacies } from '../state/legacies.ts'
import type { State } from '../state/state.ts'
import type { Address } from '../std/address.ts'
import { systemClock } from '../std/clock.ts'
import type { Log } from '../telemetry/log.ts'
import { workerEntry } from '../threads/spawn.ts'
import { Supervisor } from '../threads/supervisor.ts'
import type { Successor } from '../upgrade/successor.ts'
import type { Configuration } from './configuration.ts'
import type { Gates } from './gates.ts'
import type { Inheritance } from './inheritance.ts'
import type { Listeners } from './listeners.ts'
import type { NodeData, Ring } from './node.ts'
import type { NodeCluster } from './node-cluster.ts'
import type { Notices } from './notify.ts'
import type { Reload } from './reload.ts'
import { Sides } from './sides.ts'

export interface WorkerOptions {
  /** Tests have a thread entry that knows front-ends of their own. */
  readonly entry?: URL
  /** Period of the workers' signs of life; a worker silent for ten of them hangs. */
  readonly beatMs?: number
}

const beatMs = 1_000
/** As long as a room waits for those of other workers. */
const gatherMs = 250

/** What the primary of a node consists of. */
export interface Parts {
  readonly workers: number
  readonly ring: Ring
  readonly listeners: Listeners
  readonly gates: Gates
  readonly legacies: Legacies
  readonly state: State
  /** Undefined: no process of this node runs. */
  readonly successor: Successor | undefined
  readonly lost: (line: string, slot: Slot | undefined) => void
  readonly reload: Reload
  readonly notices: Notices
  readonly cluster: NodeCluster
  readonly sides: () => Sides
  readonly log: Log
}

export function superviseWith(
  configuration: Configuration,
  options: WorkerOptions,
  {
    workers,
    ring,
    listeners,
    gates,
    legacies,
    state,
    successor,
    lost,
    reload,
    notices,
    cluster,
    sides,
    log,
  }: Parts,
): Supervisor {
  const startedUnixMs = systemClock.unixMs()
  return new Supervisor({
    clock: systemClock,
    log,
    entry: options.entry ?? workerEntry,
    workers,
    beatMs: options.beatMs ?? beatMs,
    app: (slot, legacy): NodeData => ({
      values: reload.values,
      ring,
      protocols: configuration.frontends.map(({ name }) => name),
      addresses: { ...listeners.mainAddresses(), ...gates.mainAddresses() },
      listeners: listeners.addresses,
      namespaces: configuration.namespaces,
      seed: state.seed(),
      restored: legacies.give(slot, legacy),
      awaited: successor?.awaited(slot),
      startedUnixMs,
      gates: gates.addresses,
      listens: gates.areOpen,
      nodeId: cluster.nodeId,
    }),
    booted: () => successor?.restored(ring, workers),
    joined(slot, children) {
      legacies.served(slot)
      listeners.add(slot, children)
      notices.serving(1)
      sides().joined(slot)
    },
    left(slot, children) {
      listeners.remove(slot, children)
      notices.serving(-1)
      cluster.left(slot)
    },
    told: (slot, what) => cluster.told(slot, what),
    cluster: () => cluster.status(),
    wantsSide: room => sides().want(room),
    counters: () => listeners.counters(),
    fatal: lost,
  })
}

export function sidesOf(
  { frontends }: Configuration,
  {
    supervisor,
    ring,
    reload,
    log,
  }: Pick<Parts, 'ring' | 'reload'> & { supervisor: Supervisor; log: Log<string> },
): Sides {
  const node = () => ({ values: reload.values, ring })
  return new Sides({ clock: systemClock, log, frontends, node, supervisor })
}

/** The sockets that front-ends have here. A sentence: one of them cannot be had. */
export async function openPrimaries(
  { frontends, node, values }: Configuration,
  {
    supervisor,
    inheritance,
    log,
  }: { readonly supervisor: Supervisor; readonly inheritance: Inheritance; readonly log: Log<string> },
): Promise<string | undefined> {
  for (const { name, openPrimary } of frontends) {
    const settings = values[name] as never // read against its section
    const gather = (topic: string) => supervisor.ask({ room: name, topic }, gatherMs)
    const [isDevelopment, stateFolder] = [node.mode === 'development', node.stateDir]
    const listenPlace = (address: Address) => inheritance.listenPlace(address)
    const context = { settings, clock: systemClock, stateFolder, log, isDevelopment, gather, listenPlace }
    const refused = await openPrimary?.(context)
    if (refused !== undefined) return refused
  }
  return undefined
}
