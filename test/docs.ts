// Writes what documents take from the code: tables, each in the place of the last one on its page that begins alike, the
// page of all settings whole, and README's rows of settings, which are those of the reference.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMetricTable } from '../src/admin/metric-table.ts'
import { metricReference } from '../src/admin/reference.ts'
import { sectionsFor } from '../src/app/node.ts'
import { frontends } from '../src/app/worker.ts'
import { ringMetrics } from '../src/ring/metrics.ts'
import { referenceRow, settingsReference } from '../src/settings/reference.ts'
import { codesReference } from '../src/telemetry/codes.ts'
import { protocolTable } from './helpers/protocol-table.ts'

const sections = sectionsFor(frontends)

function pathOf(page: string): string {
  return join(import.meta.dirname, '..', page)
}

function write(page: string, firstWords: string, table: string): void {
  const path = pathOf(page)
  const text = readFileSync(path, 'utf8')
  const start = text.lastIndexOf(firstWords)
  if (start < 0) throw new Error(`${page} has no table that begins with ${firstWords}`)
  const rest = text.slice(start).replace(/^(?:\|.*\n)*/, '')
  writeFileSync(path, `${text.slice(0, start)}${table}\n${rest}`)
}

function writeRest(page: string, firstWords: string, rest: string): void {
  const text = readFileSync(pathOf(page), 'utf8')
  const start = text.indexOf(firstWords)
  if (start < 0) throw new Error(`${page} has no part that begins with ${firstWords}`)
  writeFileSync(pathOf(page), `${text.slice(0, start)}${rest}\n`)
}

/** The page chooses which settings it shows. */
function writeSettingRows(page: string): void {
  const text = readFileSync(pathOf(page), 'utf8')
  const fresh = text.replace(/^\| `(RINGCAST_\w+)` \|.*$/gm, (_, variable: string) => {
    const row = referenceRow(sections, variable)
    if (row === undefined) throw new Error(`${page} shows ${variable}, which no room describes`)
    return row
  })
  writeFileSync(pathOf(page), fresh)
}

writeSettingRows('README.md')
write('README.md', '| protocol |', protocolTable(frontends))
writeRest('src/settings/README.md', '## The node', settingsReference(sections))
write(
  'src/admin/README.md',
  '| metric |',
  metricReference(createMetricTable([...frontends.flatMap(({ metrics }) => metrics ?? []), ...ringMetrics])),
)
write(
  'src/telemetry/README.md',
  '| code |',
  codesReference(Object.assign({}, ...frontends.map(({ codes }) => codes))),
)
