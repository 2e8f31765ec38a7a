// What a daemon holds: descriptors and memory of its process, heap and handles of its workers.
import { readdirSync, readFileSync } from 'node:fs'
import type { Daemon } from '../daemon.ts'
import type { ProbeReading } from './probe.ts'

export interface Reading {
  readonly descriptors: number
  readonly rssMiB: number
  /** Of all workers, after a forced collection, without code: V8 compiles for as long as it likes. */
  readonly heapMiB: number
  readonly codeMiB: number
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
    heapMiB: sum(({ heapBytes, codeBytes }) => heapBytes - codeBytes) / mebi,
    codeMiB: sum(({ codeBytes }) => codeBytes) / mebi,
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

/** The lesser of each number. */
export function lesserOf(one: Reading, other: Reading): Reading {
  return {
    descriptors: Math.min(one.descriptors, other.descriptors),
    rssMiB: Math.min(one.rssMiB, other.rssMiB),
    heapMiB: Math.min(one.heapMiB, other.heapMiB),
    codeMiB: Math.min(one.codeMiB, other.codeMiB),
    externalMiB: Math.min(one.externalMiB, other.externalMiB),
    handles: Math.min(one.handles, other.handles),
  }
}

export function readingText({
  descriptors: open,
  rssMiB: rss,
  heapMiB,
  codeMiB,
  externalMiB,
  handles,
}: Reading): string {
  const memory = `RSS ${rss.toFixed(1)} MiB, heap ${heapMiB.toFixed(2)} MiB, code ${codeMiB.toFixed(2)} MiB, external ${externalMiB.toFixed(2)} MiB`
  return `${open} descriptors, ${handles} handles, ${memory}`
}
