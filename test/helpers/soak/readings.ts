// What a daemon holds: descriptors and memory of its process, heap and handles of its workers. And how that changes.
import { readdirSync, readFileSync } from 'node:fs'
import type { Daemon } from '../daemon.ts'
import type { ProbeReading } from './probe.ts'

export interface Reading {
  readonly descriptors: number
  readonly rssMiB: number
  /** Of all workers, after a forced collection. */
  readonly heapMiB: number
  readonly externalMiB: number
  /** Of all workers: ports, timers that keep a thread alive and so on. */
  readonly handles: number
}

const mebi = 1_048_576

export async function takeReading(daemon: Daemon): Promise<Reading> {
  // Before the probe's own connections.
  const open = descriptors(daemon)
  const workers: ProbeReading[] = []
  for (const address of daemon.shards('probe')) {
    const answer = await fetch(`http://${address}/`, { headers: { connection: 'close' } })
    workers.push((await answer.json()) as ProbeReading) // see probe.ts
  }
  const sum = (of: (one: ProbeReading) => number) => workers.reduce((all, one) => all + of(one), 0)
  return {
    descriptors: open,
    rssMiB: rssMiB(daemon),
    heapMiB: sum(({ heapBytes }) => heapBytes) / mebi,
    externalMiB: sum(({ externalBytes }) => externalBytes) / mebi,
    handles: sum(({ resources }) => Object.values(resources).reduce((all, count) => all + count, 0)),
  }
}

export function descriptors({ pid }: Daemon): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

function rssMiB({ pid }: Daemon): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1_024
}

/** By how much a reading grows with each one that follows (least squares). */
export function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let [above, below] = [0, 0]
  for (const [at, value] of values.entries()) {
    above += (at - middle) * (value - mean)
    below += (at - middle) ** 2
  }
  return below === 0 ? 0 : above / below
}

/** `+1.3 %` */
export function changeText(before: number, after: number): string {
  const percent = (100 * (after - before)) / before
  return `${percent < 0 ? '' : '+'}${percent.toFixed(1)} %`
}

export function readingText({
  descriptors: open,
  rssMiB: rss,
  heapMiB,
  externalMiB,
  handles,
}: Reading): string {
  const memory = `RSS ${rss.toFixed(1)} MiB, heap ${heapMiB.toFixed(2)} MiB, external ${externalMiB.toFixed(2)} MiB`
  return `${open} descriptors, ${handles} handles, ${memory}`
}
