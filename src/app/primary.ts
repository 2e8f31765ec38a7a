// The primary: reads settings, listens, starts and watches the workers, obeys signals. Parses no client byte.
import { availableParallelism } from 'node:os'
import type { Slot } from '../engine/link.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { loadUws } from '../net/uws.ts'
import { type Environment, readSettings } from '../settings/settings.ts'
import { systemClock } from '../std/clock.ts'
import { systemRandom } from '../std/random.ts'
import { type Log, lastWords, openLog } from '../telemetry/log.ts'
import { workerEntry } from '../threads/spawn.ts'
import { Supervisor } from '../threads/supervisor.ts'
import { greet } from './greeting.ts'
import { Listeners } from './listeners.ts'
import { checkMode } from './mode.ts'
import { readNamespaces } from './namespaces.ts'
import { type NodeData, ownerMapOf, ringFor, sectionsFor } from './node.ts'
import type { NodeSettings } from './settings.ts'
import { State } from './state.ts'
import { frontends } from './worker.ts'

export interface PrimaryOptions {
  readonly environment: Environment
  /** Tests add a front-end of their own, and a thread entry that knows it. */
  readonly frontends?: readonly Frontend[]
  readonly entry?: URL
  /** Period of the workers' signs of life; a worker silent for ten of them hangs. */
  readonly beatMs?: number
}

const beatMs = 1_000

/** Time for workers to close their sockets when the primary itself met a bug. */
const stopNowMs = 1_000

/** Starts a node; it runs until a signal or a bug ends the process. */
export async function startPrimary(options: PrimaryOptions): Promise<void> {
  const known = options.frontends ?? frontends
  const { values, mistakes } = readSettings(sectionsFor(known), options.environment)
  const { generated, refused } = checkMode(values, known, systemRandom)
  const { namespaces, mistakes: unfit } = readNamespaces(values)
  const all = [...mistakes, ...refused, ...unfit]
  if (all.length > 0) return refuseToStart(all)

  const node = values[''] as unknown as NodeSettings // read against this section just above
  const log = openLog(node.logLevel, 'primary')
  const workers = node.workers === 0 ? availableParallelism() : node.workers
  const listeners = new Listeners()
  const failure = listeners.open(await loadUws(), known, values, workers)
  if (failure !== undefined) return refuseToStart([failure])

  const ring = ringFor(workers, listeners.shardAddresses())
  const state = new State(node.stateDir, systemClock, log)
  const taken = state.take(ownerMapOf(ring))
  const app = (slot: Slot, legacy: Uint8Array | undefined): NodeData => {
    const first = restored.delete(slot)
    return {
      values,
      ring,
      protocols: known.map(frontend => frontend.name),
      namespaces,
      seed: state.seed(),
      restored: first ? taken.bySlot.get(slot) : legacy,
      goneMs: first ? taken.goneMs : 0,
    }
  }
  const restored = new Set(taken.bySlot.keys())
  const supervisor = new Supervisor({
    clock: systemClock,
    log,
    entry: options.entry ?? workerEntry,
    workers,
    beatMs: options.beatMs ?? beatMs,
    app,
    joined: (slot, children) => listeners.add(slot, children),
    left: (slot, children) => listeners.remove(slot, children),
    fatal: line => kill(log, line),
  })
  obeySignals(supervisor, listeners, state, log, node.drainTimeoutMs)
  process.on('uncaughtException', error => crash(supervisor, log, error))
  await supervisor.start()
  announce(listeners, log, workers)
  if (node.mode === 'development') greet(known, values, listeners, generated)
}

function refuseToStart(mistakes: readonly string[]): void {
  for (const mistake of mistakes) lastWords(mistake)
  // Listeners may be open already; nothing else is.
  process.exit(1)
}

function announce(listeners: Listeners, log: Log, workers: number): void {
  for (const { protocol, address, slot } of listeners.describe())
    log.info({ protocol, address, slot }, 'listening')
  log.info({ workers, pid: process.pid }, 'ready')
}

function obeySignals(
  supervisor: Supervisor,
  listeners: Listeners,
  state: State,
  log: Log,
  drainTimeoutMs: number,
): void {
  let stopping = false
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    listeners.close()
    systemClock.after(drainTimeoutMs, () =>
      kill(log, `the graceful stop took longer than ${drainTimeoutMs} ms`),
    )
    state.leave(await supervisor.stop())
    log.info('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGUSR2', async () => {
    const workers = Object.fromEntries(await supervisor.statistics())
    log.info({ primary: supervisor.counters, workers }, 'statistics')
  })
}

/** A thread hangs or is about to break the process: an orderly end is not to be had (src/net/README.md, rule 10). */
function kill(log: Log, line: string): void {
  log.fatal({ code: 'process-lost' }, line)
  lastWords(line)
  process.kill(process.pid, 'SIGKILL')
}

function crash(supervisor: Supervisor, log: Log, error: unknown): void {
  log.fatal({ code: 'primary-failed', err: error }, 'the primary met a bug')
  lastWords(`the primary met a bug: ${error instanceof Error ? error.stack : error}`)
  if (!supervisor.stopNow(stopNowMs)) process.kill(process.pid, 'SIGKILL')
  process.exit(1)
}
