// The primary: reads settings, takes the addresses, starts and watches the workers, listens, obeys signals. Parses no
// client byte while a worker serves.
import { healthWithoutWorkers } from '../admin/health.ts'
import { adminSection } from '../admin/settings.ts'
import { packageVersion } from '../admin/version.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { boundReceiveBuffers } from '../net/receive-buffer.ts'
import { loadUws } from '../net/uws.ts'
import { variableOf } from '../settings/names.ts'
import type { Sources } from '../settings/settings.ts'
import { Estate } from '../state/estate.ts'
import { Legacies } from '../state/legacies.ts'
import { regroup, State } from '../state/state.ts'
import { systemClock } from '../std/clock.ts'
import { faultText } from '../std/fault.ts'
import { systemRandom } from '../std/random.ts'
import { type Log, openLog } from '../telemetry/log.ts'
import type { Supervisor } from '../threads/supervisor.ts'
import type { Successor } from '../upgrade/successor.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { reachableOf } from './doors.ts'
import { crash, lose, type Running, refuseToStart } from './ends.ts'
import { Gates } from './gates.ts'
import { greet } from './greeting.ts'
import { Inheritance } from './inheritance.ts'
import { explainFailure } from './listen-failure.ts'
import { Listeners } from './listeners.ts'
import { clusterSettingsOf, ownerMapOf, type Ring, ringFor } from './node.ts'
import { NodeCluster } from './node-cluster.ts'
import { Notices } from './notify.ts'
import { Reload } from './reload.ts'
import { generationOf, ringSettingsOf, workersOf } from './ring.ts'
import type { Sides } from './sides.ts'
import { Signals } from './signals.ts'
import { withoutSocketVariables } from './socket-variables.ts'
import { openPrimaries, type Parts, sidesOf, superviseWith, type WorkerOptions } from './supervision.ts'
import { openPredecessor, successorOf } from './upgrading.ts'
import { logWarnings } from './warnings.ts'
import { frontends } from './worker.ts'

export interface PrimaryOptions extends Sources, WorkerOptions {
  /** Tests add a front-end of their own, and a thread entry that knows it. */
  readonly frontends?: readonly Frontend[]
}

/** Starts a node; it runs until a signal or a bug ends the process. */
export async function startPrimary(options: PrimaryOptions): Promise<void> {
  const signals = new Signals()
  const known = options.frontends ?? frontends
  const environment = withoutSocketVariables(options.environment)
  const sources = { ...options, environment }
  const configuration = readConfiguration(known, sources, systemRandom)
  const { node, mistakes, warnings } = configuration
  if (mistakes.length > 0) return refuseToStart(mistakes)

  const log = await openLog(node, 'primary')
  logWarnings(warnings, log)
  const reload = new Reload(known, sources, configuration, log)
  const inheritance = await Inheritance.open(options.environment, log)
  if (typeof inheritance === 'string') return refuseToStart([inheritance])
  const successor = await successorOf(options.environment, node.stateDir)
  if (typeof successor === 'string') return refuseToStart([successor])
  const parts = await openParts(configuration, options, { inheritance, successor, reload, log })
  if (typeof parts === 'string') return refuseToStart([parts])
  const { running } = parts
  inheritance.closeUntaken(log)
  signals.obey(running)
  const refused = await serve(configuration, parts, signals)
  if (refused !== undefined) return signals.giveUp(refused)
  if (signals.stopping) return
  await openPredecessor({
    ...parts,
    // Secrets that this run made up are those of its clients.
    environment: { ...environment, ...Object.fromEntries(configuration.generated) },
    stateDir: node.stateDir,
    hasChannels: !parts.cluster.isJoined,
  })
}

interface Succeeding {
  /** Another process of the node runs, whose place this one takes. */
  readonly isSuccessor: boolean
}

interface Opened extends Pick<Parts, 'workers' | 'ring' | 'legacies' | 'state' | 'successor' | 'cluster'> {
  readonly running: Running
  readonly inheritance: Inheritance
}

/** Everything but workers. A sentence: something cannot be had. */
async function openParts(
  configuration: Configuration,
  options: PrimaryOptions,
  own: Pick<Parts, 'reload' | 'successor'> & { readonly inheritance: Inheritance; readonly log: Log<string> },
): Promise<Opened | string> {
  const { inheritance, successor, reload, log } = own
  const { node, values } = configuration
  const isSuccessor = successor !== undefined
  const workers = workersOf(values)
  const state = openState(node.stateDir, log, () => generationOf(reload.values), isSuccessor)
  if (typeof state === 'string') return state
  const [listeners, gates] = [new Listeners(), new Gates()]
  const failure = await takeAddresses(configuration, { listeners, gates, inheritance, isSuccessor })
  if (failure !== undefined) return failure
  const notices = new Notices({ environment: options.environment, clock: systemClock, log, workers })
  const ring = ringAtStart(configuration, workers, listeners)
  const cluster = clusterOf(reload, workers, log)
  const { legacies, estate } = openEstate(state, { ring, cluster, isSuccessor, log })
  const given = { workers, ring, listeners, gates, legacies, state, successor, reload, notices, cluster, log }
  const supervisor: Supervisor = superviseWith(configuration, options, {
    ...given,
    lost: (line, slot) => void lose({ supervisor, listeners, estate, log }, line, slot),
    sides: () => sides,
  })
  const sides = sidesOf(configuration, { supervisor, ring, reload, log })
  process.on('uncaughtException', error => crash({ supervisor, sides, estate, log }, error))
  const refused =
    (await openPrimaries(configuration, { supervisor, inheritance, log })) ??
    (isSuccessor ? undefined : await sides.start())
  if (refused !== undefined) {
    estate.giveBackUnused()
    return sides.stop().then(() => refused)
  }
  const running = { supervisor, sides, listeners, gates, estate, reload, notices, log }
  return { running, workers, ring, legacies, state, successor, cluster, inheritance }
}

/** Starts the workers and listens. A sentence: it cannot, and stops. */
async function serve(
  configuration: Configuration,
  parts: Opened,
  signals: Signals,
): Promise<string | undefined> {
  const { running, successor, cluster, ring, legacies, state, workers } = parts
  const { supervisor, listeners, gates, notices, sides, log } = running
  if (successor !== undefined) {
    await supervisor.prepare()
    const left = await successor.takeChannels(packageVersion()).catch(error => faultText(error))
    if (typeof left === 'string') return `the process before does not hand over: ${left}`
    legacies.take(regroup(left, ownerMapOf(ring)))
  }
  await supervisor.start()
  await cluster.reached()
  const why = successor && (await takeOver(successor, state, sides))
  if (why !== undefined) return why
  if (signals.stopping) return undefined
  const taken = listeners.listen()
  if (taken !== undefined) return explainFailure(taken)
  await listenAtGates(gates, supervisor)
  await boundListeners(listeners, log)
  if (signals.stopping) return undefined
  successor?.serving()
  announce(configuration, { listeners, gates, notices, log, workers })
  return undefined
}

/** What only one process can have. A sentence: it cannot be had. */
async function takeOver(successor: Successor, state: State, sides: Sides): Promise<string | undefined> {
  // One that is gone needs nothing of it any more.
  await successor.taken().catch(() => {})
  try {
    state.lock()
  } catch (error) {
    return `the state directory cannot be taken over: ${faultText(error)}`
  }
  return sides.start()
}

/** All that the node listens on. A sentence: an address cannot be had. */
async function takeAddresses(
  { frontends, ring, values }: Configuration,
  {
    listeners,
    gates,
    inheritance: { sockets: inherited },
    isSuccessor,
  }: Pick<Parts, 'listeners' | 'gates'> & Succeeding & { readonly inheritance: Inheritance },
): Promise<string | undefined> {
  const workers = workersOf(values)
  const reachable = reachableOf(frontends, ring !== undefined)
  // Another process still answers.
  const early = isSuccessor
    ? {}
    : { [adminSection.name]: (path: string) => healthWithoutWorkers(path, workers) }
  const failure =
    (await listeners.open(await loadUws(), reachable, { values, workers, early, inherited })) ??
    (await gates.claim(frontends, values, inherited))
  return failure === undefined || typeof failure === 'string' ? failure : explainFailure(failure)
}

function clusterOf(reload: Reload, workers: number, log: Log): NodeCluster {
  const settings = () => clusterSettingsOf(reload.values)
  return new NodeCluster({ clock: systemClock, random: systemRandom, log, workers, settings })
}

/** What the last stop left, unless others went on with it. */
function openEstate(
  state: State,
  { ring, cluster: { isJoined }, isSuccessor, log }: Pick<Parts, 'ring' | 'cluster' | 'log'> & Succeeding,
): { legacies: Legacies; estate: Estate } {
  // What lies there is the running process's.
  const taken = isJoined || isSuccessor ? new Map() : state.take(ownerMapOf(ring))
  if (isJoined && !isSuccessor) state.drop()
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
function openState(
  folder: string,
  log: Log,
  generation: () => number | undefined,
  isHeld: boolean,
): State | string {
  try {
    return new State(folder, systemClock, log, generation, isHeld)
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
