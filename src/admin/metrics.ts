// The node's statistics as Prometheus text: one registry per scrape, filled from the status by the table.
import type { Counter, Gauge } from 'prom-client'
import type { Counts, WorkerStatistics } from '../telemetry/statistics.ts'
import { labels, labelsOf, type Metric, type Source } from './metric.ts'
import { metricOf } from './metric-table.ts'
import type { ProcessReadings } from './process-readings.ts'
import type { NodeStatus } from './status.ts'

/** One number of one room. */
interface Reading {
  readonly source: Source
  readonly key: string
  readonly value: number
  readonly labels: Readonly<Record<string, string>>
}

interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** What no row describes appears under names that begin so: nothing is lost, and a test asks for the row. */
export const undescribedPrefix = 'ringcast_other_'

export async function exposition(
  table: readonly Metric[],
  status: NodeStatus,
  version: string,
  ofProcess: ProcessReadings,
): Promise<Exposition> {
  // Loaded for the first who asks: it costs each thread 70 ms at its start, and most threads are never asked.
  const prometheus = await import('prom-client')
  const constructors = { counter: prometheus.Counter, gauge: prometheus.Gauge }
  const registry = new prometheus.Registry()
  const families = new Map<string, Counter | Gauge>()
  for (const reading of [...readingsOf(status, version), ...valuesOf('process', ofProcess, {})]) {
    const { name, type, help, labelNames, reason, scale } = describe(table, reading)
    const family =
      families.get(name) ?? new constructors[type]({ name, help, labelNames, registers: [registry] })
    families.set(name, family)
    family.inc({ ...reading.labels, ...(reason !== undefined && { reason }) }, reading.value * scale)
  }
  return { contentType: registry.contentType, text: await registry.metrics() }
}

/** Every number of the status, by where it comes from. */
function readingsOf(status: NodeStatus, version: string): readonly Reading[] {
  const { uptimeMs, draining, workersWanted, serving, workers } = status
  const node = {
    uptimeMs,
    draining: Number(draining),
    workersWanted,
    workersServing: serving.length,
    workersAnswered: workers.size,
  }
  return [
    { source: 'node', key: 'build', value: 1, labels: { version } },
    ...valuesOf('node', node, {}),
    ...valuesOf('primary', status.primary, {}),
    ...[...workers]
      .sort(([one], [other]) => one - other)
      .flatMap(([slot, statistics]) => workerReadings(String(slot), statistics)),
  ]
}

function workerReadings(worker: string, statistics: WorkerStatistics): readonly Reading[] {
  const { hub, shard, router, traffic, protocols, admin, listeners, links } = statistics
  return [
    ...valuesOf('hub', hub, { worker }),
    ...valuesOf('shard', shard, { worker }),
    ...valuesOf('router', router, { worker }),
    ...valuesOf('traffic', traffic, { worker }),
    ...[...protocols].flatMap(([protocol, counts]) => valuesOf('protocol', counts, { worker, protocol })),
    ...valuesOf('admin', admin, { worker }),
    ...[...listeners].flatMap(([listener, counts]) => valuesOf('net', counts, { worker, listener })),
    ...[...links].flatMap(([to, counts]) => valuesOf('link', counts, { from: worker, to: String(to) })),
  ]
}

function describe(table: readonly Metric[], { source, key }: Reading) {
  const found = metricOf(table, source, key)
  if (found === undefined) {
    const name = `${undescribedPrefix}${source}_${snakeOf(key)}`
    const labelNames = [...labels[source]]
    return {
      name,
      type: 'gauge' as const,
      help: 'Not described yet.',
      labelNames,
      reason: undefined,
      scale: 1,
    }
  }
  const { metric, reason } = found
  const { name, type, help, scale = 1 } = metric
  return { name, type, help, labelNames: [...labelsOf(metric)], reason, scale }
}

function valuesOf(
  source: Source,
  counts: Counts,
  seriesLabels: Readonly<Record<string, string>>,
): readonly Reading[] {
  return Object.entries(counts).map(([key, value]) => ({ source, key, value, labels: seriesLabels }))
}

function snakeOf(key: string): string {
  const words = key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  return words.replace(/[^a-z0-9]+/g, '_')
}
