// The node's statistics as Prometheus text: one registry per scrape, filled from the status by the table.
import { Counter, Gauge, Registry } from 'prom-client'
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
  const registry = new Registry()
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
      .flatMap(([slot, rooms]) =>
        Object.entries(rooms).flatMap(([room, values]) => {
          const { source, own } = placeOf(room, String(slot))
          return valuesOf(source, values, own)
        }),
      ),
  ]
}

const constructors = { counter: Counter, gauge: Gauge }

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

/** A worker's room by the name under which it reports: front-ends have their own. */
function placeOf(room: string, worker: string): { source: Source; own: Readonly<Record<string, string>> } {
  if (room === 'hub' || room === 'shard' || room === 'router' || room === 'admin' || room === 'traffic') {
    return { source: room, own: { worker } }
  }
  const [, listener] = /^net (.+)$/.exec(room) ?? []
  if (listener !== undefined) return { source: 'net', own: { worker, listener } }
  const [, to] = /^link to (\d+)$/.exec(room) ?? []
  if (to !== undefined) return { source: 'link', own: { from: worker, to } }
  return { source: 'protocol', own: { worker, protocol: room } }
}

function valuesOf(
  source: Source,
  values: Readonly<Record<string, number>>,
  own: Readonly<Record<string, string>>,
): readonly Reading[] {
  return Object.entries(values).map(([key, value]) => ({ source, key, value, labels: own }))
}

function snakeOf(key: string): string {
  const words = key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  return words.replace(/[^a-z0-9]+/g, '_')
}
