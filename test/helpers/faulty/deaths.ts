// Kills workers of a faulty daemon one after the other, under load, and looks at what is left after each.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { type Daemon, type LogLine, startDaemon } from '../daemon.ts'
import { until } from '../until.ts'
import { Churn } from './churn.ts'
import { demand } from './demand.ts'
import { throwing } from './frontend.ts'
import { Load, workers } from './load.ts'

const main = new URL('./main.ts', import.meta.url)

/** The promise is a second on a machine of one's own: much less than these many times what the first start took there. */
const replacedStartsMax = 10
/** Streams of the channels of a worker that died wait as long as it takes on this machine to replace it. */
const patience = { RINGCAST_ENGINE_ATTACH_TIMEOUT_MS: '60000' }

export function startFaulty({
  environment = {},
  flags = [],
}: {
  readonly environment?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
} = {}): Promise<Daemon> {
  return startDaemon({ main, workers, environment: { ...patience, ...environment }, flags })
}

export interface Report {
  /** Connections that came and went meanwhile, and how many of them got no answer. */
  readonly visits: number
  readonly lost: number
  readonly replacedMs: readonly number[]
  readonly descriptorsBefore: number
  readonly descriptorsAfter: number
}

/** `rounds` deaths, each of another kind and worker, while `visitors` clients come and go. */
export async function play(t: TestContext, rounds: number, visitors: number): Promise<Report> {
  const from = performance.now()
  const daemon = await startFaulty()
  const replacedMsMax = (performance.now() - from) * replacedStartsMax
  t.after(() => daemon.process.kill('SIGKILL'))
  const load = new Load(daemon)
  await load.start()
  const descriptorsBefore = descriptors(daemon)
  const churn = new Churn(daemon, visitors)
  // Also where an assertion fails: a load that goes on would keep the test's process alive.
  t.after(async () => void (await Promise.allSettled([churn.stop(), load.stop()])))
  const replacedMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    const path = throwing[round % throwing.length] ?? ''
    const ms = await die(daemon, load, round % workers, path)
    ok(ms < replacedMsMax, `the slot was empty for ${ms} ms of ${replacedMsMax.toFixed(0)}`)
    replacedMs.push(ms)
  }
  await churn.stop()
  await until('descriptors to settle', () => descriptors(daemon) <= descriptorsBefore)
  const descriptorsAfter = descriptors(daemon)
  await load.stop()
  load.check()
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
  const visits = churn.answered + churn.lost
  return { replacedMs, descriptorsBefore, descriptorsAfter, visits, lost: churn.lost }
}

/** One death; returns how long the slot was empty. */
async function die(daemon: Daemon, load: Load, slot: number, path: string): Promise<number> {
  const seen = daemon.log.length
  const others = load.watchers.filter(watcher => watcher.slot !== slot)
  const client = await demand(daemon, slot, path)
  const find = (msg: string) => daemon.log.slice(seen).find(line => line.msg === msg)
  const said = (msg: string) => until(`${path} on worker ${slot}: ${msg}`, () => find(msg))
  const retired = await said('a worker met a bug and is replaced')
  const serves = await said('a new worker serves')
  deepEqual([retired['slot'], serves['slot']], [slot, slot])
  const replacedMs = timeOf(serves) - timeOf(retired)
  await until('its streams to close', () =>
    load.watchers.every(watcher => watcher.slot !== slot || watcher.closed),
  )
  await client.ended()
  await load.flows()
  load.check()
  const lost = others.filter(watcher => watcher.closed)
  deepEqual(
    lost.map(watcher => `${watcher.channel} on ${watcher.slot}`),
    [],
    `${path} on worker ${slot} closed streams elsewhere`,
  )
  await load.reopen(slot)
  await load.flows()
  return replacedMs
}

const timeOf = (line: LogLine) => Number(line['time'])

function descriptors({ pid }: Daemon): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

export function describeReport({
  replacedMs,
  descriptorsBefore,
  descriptorsAfter,
  visits,
  lost,
}: Report): string {
  const sorted = [...replacedMs].sort((a, b) => a - b)
  const times = `replaced in ${sorted[Math.floor(sorted.length / 2)]} ms (median), ${sorted.at(-1)} ms (most)`
  const descriptors = `descriptors ${descriptorsBefore} before, ${descriptorsAfter} after`
  return `${replacedMs.length} deaths: ${times}; ${descriptors}; ${lost} of ${visits} visitors lost`
}
