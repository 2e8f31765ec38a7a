// The node's statistics as Prometheus text: one registry per scrape, filled from the status by the table.
import { createRequire } from 'node:module'
import type { Counter, Gauge, Registry } from 'prom-client'
import type { Counts, WorkerStatistics } from '../telemetry/statistics.ts'
import { CountedHistogram } from './histogram.ts'
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

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/**
 * The library by its parts: as a whole it brings a client for HTTP and an interface for tracing, 75 ms of each thread's
 * start. Not when somebody asks, for then there may be no descriptor left to read it with.
 */
const part = createRequire(import.meta.url)
const constructors: {
  readonly registry: typeof Registry
  readonly counter: typeof Counter
  readonly gauge: typeof Gauge
} = {
  registry: part('prom-client/lib/registry.js'),
  counter: part('prom-client/lib/counter.js'),
  gauge: part('prom-client/lib/gauge.js'),
}

/** What no row describes appears under names that begin so: nothing is lost, and a test asks for the row. */
export const undescribedPrefix = 'ringcast_other_'

export async function exposition(
  table: readonly Metric[],
  status: NodeStatus,
  version: string,
  ofProcess: ProcessReadings,
): Promise<Exposition> {
  const registry = new constructors.registry()
  const families = new Map<string, Counter | Gauge>()
  const histograms = new Map<string, CountedHistogram>()
  const show = (reading: Reading, described: Described) => {
    const { name, type, help, labelNames, reason, scale } = described
    if (type === 'histogram') {
      const histogram = histograms.get(name) ?? new CountedHistogram({ name, help, scale })
      if (!histograms.has(name)) registry.registerMetric(histogram.asMetric)
      histograms.set(name, histogram)
      return histogram.note(reading.labels, reason ?? 'sum', reading.value)
    }
    const family =
      families.get(name) ?? new constructors[type]({ name, help, labelNames, registers: [registry] })
    families.set(name, family)
    family.inc({ ...reading.labels, ...(reason !== undefined && { reason }) }, reading.value * scale)
  }
  for (const reading of [...readingsOf(status, version), ...valuesOf('process', ofProcess, {})]) {
    try {
      show(reading, describe(table, reading))
    } catch {
      show(reading, undescribed(reading)) // its row is not for such a number: a counter that fell, a name of two types
    }
  }
  return { contentType: registry.contentType, text: await registry.metrics() }
}

/** Every number of the status, by where it comes from. */
function readingsOf(status: NodeStatus, version: string): readonly Reading[] {
  const { uptimeMs, draining, workersWanted, serving, workers, cluster } = status
  const node = {
    uptimeMs,
    draining: Number(draining),
    workersWanted,
    workersServing: serving.length,
    workersAnswered: workers.size,
    ...clusterNumbers(cluster),
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

/** None of a node that stands alone. */
function clusterNumbers({ mode, away }: NodeStatus['cluster']): Counts {
  return mode === 'solo' ? {} : { brokerReached: Number(away === undefined), brokerAwayMs: away?.forMs ?? 0 }
}

function workerReadings(worker: string, statistics: WorkerStatistics): readonly Reading[] {
  const { hub, shard, router, traffic, offload, protocols, admin, listeners, links } = statistics
  return [
    ...valuesOf('hub', hub, { worker }),
    ...valuesOf('shard', shard, { worker }),
    ...valuesOf('router', router, { worker }),
    ...valuesOf('traffic', traffic, { worker }),
    ...valuesOf('offload', offload, { worker }),
    ...[...protocols].flatMap(([protocol, counts]) => valuesOf('protocol', counts, { worker, protocol })),
    ...valuesOf('admin', admin, { worker }),
    ...[...listeners].flatMap(([listener, counts]) => valuesOf('net', counts, { worker, listener })),
    ...[...links].flatMap(([to, counts]) => valuesOf('link', counts, { from: worker, to: String(to) })),
  ]
}

/** How a number is shown. */
interface Described extends Pick<Metric, 'name' | 'type' | 'help'> {
  readonly labelNames: string[]
  readonly reason: string | undefined
  readonly scale: number
}

function describe(table: readonly Metric[], reading: Reading): Described {
  const found = metricOf(table, reading.source, reading.key)
  if (found === undefined) return undescribed(reading)
  const { metric, reason } = found
  const { name, type, help, scale = 1 } = metric
  return { name, type, help, labelNames: [...labelsOf(metric)], reason, scale }
}

function undescribed({ source, key }: Reading): Described {
  const name = `${undescribedPrefix}${source}_${snakeOf(key)}`
  return {
    name,
    type: 'gauge',
    help: 'Not described yet.',
    labelNames: [...labels[source]],
    reason: undefined,
    scale: 1,
  }
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
