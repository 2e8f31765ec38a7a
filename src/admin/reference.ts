// The table of metrics for readers: it cannot go stale.
import { labelsOf } from './metric.ts'
import { metricTable } from './metric-table.ts'

/** Markdown, without a line end at the end. */
export function metricReference(): string {
  const rows = metricTable.map(metric => {
    const names = labelsOf(metric).map(label => `\`${label}\``)
    return `| \`${metric.name}\` | ${metric.type} | ${names.join(', ')} | ${metric.help} |`
  })
  return ['| metric | type | labels | what it is for |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
