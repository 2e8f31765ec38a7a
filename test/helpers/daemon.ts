// Starts a real daemon on free ports, reads its log, and ends it by its process id.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { DEFAULTS_VARIABLE, secrets } from './daemon-secrets.ts'
import { keepOutput } from './outputs.ts'
import { argumentsFor, program, runEnvironment } from './program.ts'
import { until } from './until.ts'

export interface DaemonOptions {
  readonly workers?: number
  /** Added to a clean environment; production mode and secrets of tests are preset, and undefined takes one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Another program than the daemon's own, for tests that add a front-end. */
  readonly main?: URL
  /** For node itself, before the program. */
  readonly flags?: readonly string[]
  /** Listening sockets that it gets as descriptors 3 and up, each as it is. */
  readonly sockets?: readonly number[]
  /** A program that becomes it, with arguments in front of its own; given the environment. */
  readonly starter?: (environment: Readonly<Record<string, string | undefined>>) => readonly string[]
}

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [key: string]: unknown
}

/** As the log names them: see `namedCounts` in `src/telemetry/statistics.ts`. */
export type WorkerStatistics = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface Daemon {
  readonly process: ChildProcess
  readonly pid: number
  readonly log: readonly LogLine[]
  /** What was printed and is no log line. */
  readonly printed: readonly string[]
  readonly errors: readonly string[]
  /** Main address of a protocol, or that of a door, `host:port`. */
  address(protocol: string, door?: string): string
  /** Shard addresses of a protocol, by slot. */
  shards(protocol: string): readonly string[]
  /** What each worker counts now, by slot; `answering`: so many of them can answer, all if nothing is said. */
  statistics(answering?: number): Promise<readonly WorkerStatistics[]>
  /** Resolves with code or signal once the process ended and its output was read. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** Graceful stop; resolves like `ended`. */
  stop(): Promise<number | NodeJS.Signals>
}

export { secrets }

/** What `daemon-defaults.ts` says: as the run read it, or read here where a file is started by itself. */
export const defaults: Readonly<Record<string, string>> = JSON.parse(
  process.env[DEFAULTS_VARIABLE] ?? JSON.stringify((await import('./daemon-defaults.ts')).daemonDefaults),
)

/** The process without waiting for it to be ready: for tests of refused starts. */
export function launch(options: DaemonOptions = {}): Daemon {
  const environment = {
    ...runEnvironment,
    RINGCAST_WORKERS: String(options.workers ?? 3),
    ...defaults,
    ...options.environment,
  }
  const { child, stdout, stderr } = spawnDaemon(options, environment)
  const kept = keepOutput(child.pid ?? 0, environment)
  const log: LogLine[] = []
  const printed: string[] = []
  const errors: string[] = []
  createInterface({ input: stdout }).on('line', line => {
    kept.printed(line)
    if (line.startsWith('{"level"')) log.push(JSON.parse(line))
    else printed.push(line)
  })
  createInterface({ input: stderr }).on('line', line => {
    kept.failed(line)
    errors.push(line)
  })
  const ended = once(child, 'close').then(([code, signal]) => signal ?? code)
  const listening = (protocol: string) =>
    log.filter(line => line.msg === 'listening' && line['protocol'] === protocol)
  return {
    process: child,
    pid: child.pid ?? 0,
    log,
    printed,
    errors,
    ended,
    address(protocol, door) {
      const line = listening(protocol).find(each => each['slot'] === undefined && each['door'] === door)
      return String(line?.['address'])
    },
    shards: protocol =>
      listening(protocol)
        .filter(line => line['slot'] !== undefined)
        .map(line => String(line['address'])),
    statistics(answering = Number(environment.RINGCAST_WORKERS)) {
      // A worker that is late is left out, so the daemon is asked again.
      return until(`statistics of ${answering} workers`, async () => {
        const seen = log.length
        child.kill('SIGUSR2')
        const line = await until('statistics', () => log.slice(seen).find(({ msg }) => msg === 'statistics'))
        const workers = Object.values(line['workers'] as Record<string, WorkerStatistics>)
        return workers.length === answering ? workers : undefined
      })
    },
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

type Variables = Readonly<Record<string, string | undefined>>

function spawnDaemon({ main = program, flags = [], sockets = [], starter }: DaemonOptions, env: Variables) {
  const [command = '', ...args] = [
    ...(starter?.(env) ?? []),
    process.execPath,
    ...flags,
    ...argumentsFor(main),
  ]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe', ...sockets], env })
  // As they were said to be: streams have types of their own where there are three.
  const [, stdout, stderr] = child.stdio as unknown as readonly [null, Readable, Readable]
  return { child, stdout, stderr }
}

/** A daemon that serves. The caller stops it, also when a test fails: pass `t.after`. */
export async function startDaemon(options: DaemonOptions = {}): Promise<Daemon> {
  const daemon = launch(options)
  let over = false
  daemon.ended.then(() => {
    over = true
  })
  await until('the daemon to be ready', () => {
    if (over) throw new Error(`the daemon ended: ${daemon.errors.join('\n')}`)
    return daemon.log.some(({ msg }) => msg === 'ready')
  })
  return daemon
}
