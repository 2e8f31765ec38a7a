// The primary: reads settings, takes the addresses, starts and watches the workers, listens, obeys signals. Parses no
// client byte while a worker serves.
import { healthWithoutWorkers } from '../admin/health.ts'
import { adminSection } from '../admin/settings.ts'
import type { Slot } from '../engine/words/link.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { boundReceiveBuffers } from '../net/receive-buffer.ts'
import { loadUws } from '../net/uws.ts'
import { variableOf } from '../settings/names.ts'
import type { Sources } from '../settings/settings.ts'
import { Estate } from '../state/estate.ts'
import { Legacies } from '../state/legacies.ts'
import { State } from '../state/state.ts'
import type { Address } from '../std/address.ts'
import { systemClock } from '../std/clock.ts'
import { faultText } from '../std/fault.ts'
import { systemRandom } from '../std/random.ts'
import { type Log, openLog } from '../telemetry/log.ts'
import { workerEntry } from '../threads/spawn.ts'
import { Supervisor } from '../threads/supervisor.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { reachableOf } from './doors.ts'
import { crash, lose, refuseToStart } from './ends.ts'
import { Gates } from './gates.ts'
import { greet } from './greeting.ts'
import { Inheritance } from './inheritance.ts'
import { explainFailure } from './listen-failure.ts'
import { Listeners } from './listeners.ts'
import { clusterSettingsOf, type NodeData, ownerMapOf, type Ring, ringFor } from './node.ts'
import { NodeCluster } from './node-cluster.ts'
import { Notices } from './notify.ts'
import { Reload } from './reload.ts'
import { generationOf, ringSettingsOf, workersOf } from './ring.ts'
import { Sides } from './sides.ts'
import { Signals } from './signals.ts'
import { withoutSocketVariables } from './socket-variables.ts'
import { logWarnings } from './warnings.ts'
import { frontends } from './worker.ts'

export interface PrimaryOptions extends Sources {
  /** Tests add a front-end of their own, and a thread entry that knows it. */
  readonly frontends?: readonly Frontend[]
  readonly entry?: URL
  /** Period of the workers' signs of life; a worker silent for ten of them hangs. */
  readonly beatMs?: number
}

const beatMs = 1_000
/** As long as a room waits for those of other workers. */
const gatherMs = 250

/** Starts a node; it runs until a signal or a bug ends the process. */
export async function startPrimary(options: PrimaryOptions): Promise<void> {
  const signals = new Signals()
  const known = options.frontends ?? frontends
  const sources = { ...options, environment: withoutSocketVariables(options.environment) }
  const configuration = readConfiguration(known, sources, systemRandom)
  const { values, node, mistakes, warnings } = configuration
  if (mistakes.length > 0) return refuseToStart(mistakes)

  const log = await openLog(node, 'primary')
  logWarnings(warnings, log)
  const workers = workersOf(values)
  const reload = new Reload(known, sources, configuration, log)
  const inheritance = await Inheritance.open(options.environment, log)
  if (typeof inheritance === 'string') return refuseToStart([inheritance])
  const state = openState(node.stateDir, log, () => generationOf(reload.values))
  if (typeof state === 'string') return refuseToStart([state])
  const [listeners, gates] = [new Listeners(), new Gates()]
  const failure = await takeAddresses(configuration, listeners, gates, inheritance)
  if (failure !== undefined) return refuseToStart([failure])

  const notices = new Notices({ environment: options.environment, clock: systemClock, log, workers })
  const ring = ringAtStart(configuration, workers, listeners)
  const cluster = clusterOf(reload, workers, log)
  const { legacies, estate } = openEstate(state, ring, cluster, log)
  const supervisor: Supervisor = superviseWith(configuration, options, {
    workers,
    ring,
    listeners,
    gates,
    legacies,
    state,
    lost: (line, slot) => void lose({ supervisor, listeners, estate, log }, line, slot),
    reload,
    notices,
    cluster,
    sides: () => sides,
    log,
  })
  const sides = sidesOf(configuration, { supervisor, ring, reload, log })
  process.on('uncaughtException', error => crash({ supervisor, sides, estate, log }, error))
  const refused =
    (await openPrimaries(configuration, { supervisor, inheritance, log })) ?? (await sides.start())
  if (refused !== undefined) {
    estate.giveBackUnused()
    return sides.stop().then(() => refuseToStart([refused]))
  }
  inheritance.closeUntaken(log)
  signals.obey({ supervisor, sides, listeners, gates, estate, reload, notices, log })
  await supervisor.start()
  await cluster.reached()
  if (signals.stopping) return
  const taken = listeners.listen()
  if (taken !== undefined) return signals.giveUp(await explainFailure(taken))
  await listenAtGates(gates, supervisor)
  await boundListeners(listeners, log)
  if (signals.stopping) return
  announce(configuration, { listeners, gates, notices, log, workers })
}

/** All that the node listens on. A sentence: an address cannot be had. */
async function takeAddresses(
  { frontends, ring, values }: Configuration,
  listeners: Listeners,
  gates: Gates,
  { sockets: inherited }: Inheritance,
): Promise<string | undefined> {
  const workers = workersOf(values)
  const reachable = reachableOf(frontends, ring !== undefined)
  const early = { [adminSection.name]: (path: string) => healthWithoutWorkers(path, workers) }
  const failure =
    (await listeners.open(await loadUws(), reachable, { values, workers, early, inherited })) ??
    (await gates.claim(frontends, values, inherited))
  return failure === undefined || typeof failure === 'string' ? failure : explainFailure(failure)
}

interface Parts {
  readonly workers: number
  readonly ring: Ring
  readonly listeners: Listeners
  readonly gates: Gates
  readonly legacies: Legacies
  readonly state: State
  readonly lost: (line: string, slot: Slot | undefined) => void
  readonly reload: Reload
  readonly notices: Notices
  readonly cluster: NodeCluster
  readonly sides: () => Sides
  readonly log: Log
}

function superviseWith(
  configuration: Configuration,
  options: PrimaryOptions,
  { workers, ring, listeners, gates, legacies, state, lost, reload, notices, cluster, sides, log }: Parts,
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
      startedUnixMs,
      gates: gates.addresses,
      listens: gates.areOpen,
      nodeId: cluster.nodeId,
    }),
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

function sidesOf(
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
async function openPrimaries(
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

function clusterOf(reload: Reload, workers: number, log: Log): NodeCluster {
  const settings = () => clusterSettingsOf(reload.values)
  return new NodeCluster({ clock: systemClock, random: systemRandom, log, workers, settings })
}

/** What the last stop left, unless others went on with it. */
function openEstate(
  state: State,
  ring: Ring,
  { isJoined }: NodeCluster,
  log: Log,
): { legacies: Legacies; estate: Estate } {
  const taken = isJoined ? new Map() : state.take(ownerMapOf(ring))
  if (isJoined) state.drop()
  const legacies = new Legacies(taken, systemClock)
  return { legacies, estate: new Estate(state, legacies, log, !isJoined) }
}

/** By the list of nodes, or by the addresses that this one has. */
function ringAtStart({ ring, values }: Configuration, workers: number, listeners: Listeners): Ring {
  if (ring === undefined) return ringFor(workers, listeners.shardAddresses(), ringSettingsOf(values).map)
  const { map, nodes } = ring.nodes
  const shape = { map, nodes: nodes.map(({ name, weight, labels }) => ({ name, weight, labels })) }
  return { kind: 'nodes', shape, self: ring.self, workers }
}

/** A sentence where the folder cannot be used. */
function openState(folder: string, log: Log, generation: () => number | undefined): State | string {
  try {
    return new State(folder, systemClock, log, generation)
  } catch (error) {
    return `${variableOf('', 'stateDir')} is ${folder}, which cannot be used: ${faultText(error)}`
  }
}

/** Workers do, and whoever comes later listens by himself. */
async function listenAtGates(gates: Gates, supervisor: Supervisor): Promise<void> {
  gates.areOpen = true
  await supervisor.ask('listen')
  await gates.served()
}

/** Before anybody is told of the node: what is accepted until then is not bounded. */
async function boundListeners(listeners: Listeners, log: Log): Promise<void> {
  const reason = await boundReceiveBuffers(listeners.ports())
  if (reason === undefined) return
  log.warn({ code: 'buffers-unbounded', reason }, 'receive buffers of connections are not bounded')
}

function announce(
  configuration: Configuration,
  {
    listeners,
    gates,
    notices,
    log,
    workers,
  }: Pick<Parts, 'listeners' | 'gates' | 'notices' | 'log' | 'workers'>,
): void {
  for (const { protocol, door, address, slot } of [...listeners.describe(), ...gates.describe()])
    log.info({ protocol, door: door.perWorker ? undefined : door.name, address, slot }, 'listening')
  log.info({ workers, pid: process.pid }, 'ready')
  notices.ready()
  if (configuration.node.mode === 'development') greet(configuration, listeners, gates)
}
