// Every metric: its name for Prometheus, and the statistic that it shows. Names follow the Prometheus conventions: a
// counter ends in `_total`, a unit is a base unit and stands at the end. README.md lists this table.
import type { MetricRow } from '../telemetry/metric-row.ts'
import { brokerMetricRows } from './broker-metric-rows.ts'
import { engineMetricRows } from './engine-metric-rows.ts'
import { type Metric, protocolPrefix, rowsOf, type Source } from './metric.ts'
import { metricRows } from './metric-rows.ts'

/** `rows` are those of the front-ends, who may count the same: each key is listed once. */
export function createMetricTable(rows: readonly MetricRow[]): readonly Metric[] {
  const ofProtocols = new Map(rows.map(row => [row[0], row]))
  return [
    ...metricRows,
    ...rowsOf('protocol', protocolPrefix, [...ofProtocols.values()]),
    ...engineMetricRows,
    ...brokerMetricRows,
  ]
}

/** The row of a statistic, and what the star of its key stands for. */
export function metricOf(
  table: readonly Metric[],
  source: Source,
  key: string,
): { metric: Metric; reason: string | undefined } | undefined {
  for (const metric of table) {
    if (metric.source !== source) continue
    if (metric.key === key) return { metric, reason: undefined }
    const prefix = metric.key.endsWith('.*') ? metric.key.slice(0, -1) : undefined
    if (prefix !== undefined && key.startsWith(prefix)) return { metric, reason: key.slice(prefix.length) }
  }
  return undefined
}
