// The table of metrics for readers: it cannot go stale.
import { labelsOf, type Metric } from './metric.ts'

/** Markdown, without a line end at the end. */
export function metricReference(table: readonly Metric[]): string {
  const rows = table.map(metric => {
    const names = labelsOf(metric).map(label => `\`${label}\``)
    return `| \`${metric.name}\` | ${metric.type} | ${names.join(', ')} | ${metric.help} |`
  })
  return ['| metric | type | labels | what it is for |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
