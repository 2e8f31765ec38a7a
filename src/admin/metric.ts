// One metric: where its number comes from, and under which name, type and labels it is shown.
import type { MetricRow } from '../telemetry/metric-row.ts'

/** Where a number comes from. `protocol` is the room of a front-end; the last two are not counted by us. */
export type Source =
  | 'primary'
  | 'hub'
  | 'shard'
  | 'router'
  | 'protocol'
  | 'admin'
  | 'net'
  | 'traffic'
  | 'offload'
  | 'link'
  | 'node'
  | 'process'

export interface Metric {
  readonly source: Source
  /**
   * As the room calls it. A key in `.*` stands for several, told apart by the label `reason`; one in `.le.*` for the counts of
   * `Bins`.
   */
  readonly key: string
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** The statistic times this is in the metric's unit. */
  readonly scale?: number
}

/** Labels by source, beside `reason`. Each has few values: as many as there are workers, protocols or listeners. */
export const labels: Readonly<Record<Source, readonly string[]>> = {
  primary: [],
  hub: ['worker'],
  shard: ['worker'],
  router: ['worker'],
  protocol: ['worker', 'protocol'],
  admin: ['worker'],
  net: ['worker', 'listener'],
  traffic: ['worker'],
  offload: ['worker'],
  link: ['from', 'to'],
  node: [],
  process: [],
}

/** Front-ends' rows are told apart by the label, not by the name. */
export const protocolPrefix = 'ringcast_'

/** A name in `_total` is a counter's, any other a gauge's, unless its key is that of a histogram. */
export function rowsOf(source: Source, prefix: string, rows: readonly MetricRow[]): readonly Metric[] {
  return rows.map(([key, own, help, scale]) => {
    const name = prefix + own
    return {
      source,
      key,
      name,
      type: key.endsWith('.le.*') ? 'histogram' : name.endsWith('_total') ? 'counter' : 'gauge',
      help,
      ...(scale && { scale }),
    }
  })
}

/** Labels of all series of a metric. */
export function labelsOf({ source, key, type }: Metric): readonly string[] {
  if (type === 'histogram') return [...labels[source], 'le']
  if (key === 'build') return ['version']
  return key.endsWith('.*') ? [...labels[source], 'reason'] : labels[source]
}
