// Starts a real daemon on free ports, reads its log, and ends it by its process id.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { keepOutput } from './outputs.ts'
import { program } from './program.ts'
import { until } from './until.ts'

export interface DaemonOptions {
  readonly workers?: number
  /** Added to a clean environment; production mode and secrets of tests are preset, and undefined takes one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Another program than the daemon's own, for tests that add a front-end. */
  readonly main?: URL
  /** For node itself, before the program. */
  readonly flags?: readonly string[]
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
  /** Main address of a protocol, `host:port`. */
  address(protocol: string): string
  /** Shard addresses of a protocol, by slot. */
  shards(protocol: string): readonly string[]
  /** What each worker counts now, by slot; `answering`: so many of them can answer, all if nothing is said. */
  statistics(answering?: number): Promise<readonly WorkerStatistics[]>
  /** Resolves with code or signal once the process ended and its output was read. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** Graceful stop; resolves like `ended`. */
  stop(): Promise<number | NodeJS.Signals>
}

/**
 * Found nowhere by chance, for every run searches what daemons write for them; a flag is called publish-secret. The
 * first one signed the published test vectors of rpushd.
 */
export const secrets = {
  subscribe: 'subscription-secret',
  publish: 'e18f3c6a70d94b25a6c8f1037b5de294c03fa9816d7e4b52',
  /** Of pushy: what signs tokens, and what its publishers send. */
  jwt: '5b0e7d1c94f23a868e6d90c7b1f4a53e2d7c8096fb15e34a',
  client: 'c41d8e97a25f60b3d2840e6f7a9b1c35',
} as const

const defaults = {
  RINGCAST_MODE: 'production',
  RINGCAST_RPUSHD_LISTEN: '127.0.0.1:0',
  RINGCAST_RPUSHD_SHARD_PORTS: '127.0.0.1:0',
  RINGCAST_ADMIN_LISTEN: '127.0.0.1:0',
  // The names of the original, so that conformance rows can set them as its users do.
  RPUSHD_SECRET: secrets.subscribe,
  RPUSHD_PUBLISH_SECRET: secrets.publish,
  RINGCAST_PINGHUB_LISTEN: '127.0.0.1:0',
  RINGCAST_PINGHUB_METRICS_LISTEN: '127.0.0.1:0',
  RINGCAST_PINGHUB_SUBSCRIBE: '*',
  RINGCAST_PINGHUB_PUBLISH: '*',
  RINGCAST_PUSHY_LISTEN: '127.0.0.1:0',
  RINGCAST_PUSHY_SHARD_PORTS: '127.0.0.1:0',
  AUTH_SECRET_KEY: secrets.jwt,
  PUBLISHER_CLIENT_ID: 'app',
  PUBLISHER_CLIENT_SECRET: secrets.client,
}

/** The process without waiting for it to be ready: for tests of refused starts. */
export function launch(options: DaemonOptions = {}): Daemon {
  const main = options.main ?? program
  const environment = {
    PATH: process.env['PATH'],
    TEST_RUN_MARK: process.env['TEST_RUN_MARK'],
    RINGCAST_WORKERS: String(options.workers ?? 3),
    ...defaults,
    ...options.environment,
  }
  const child = spawn(process.execPath, [...(options.flags ?? []), main.pathname], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  })
  const output = keepOutput(child.pid ?? 0, environment)
  const log: LogLine[] = []
  const printed: string[] = []
  const errors: string[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    output.printed(line)
    if (line.startsWith('{"level"')) log.push(JSON.parse(line))
    else printed.push(line)
  })
  createInterface({ input: child.stderr }).on('line', line => {
    output.failed(line)
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
    address: protocol => String(listening(protocol).find(line => line['slot'] === undefined)?.['address']),
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
