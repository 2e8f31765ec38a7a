// Writes what documents take from the code: each table is the last thing on its page.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMetricTable } from '../src/admin/metric-table.ts'
import { metricReference } from '../src/admin/reference.ts'
import { sectionsFor } from '../src/app/node.ts'
import { frontends } from '../src/app/worker.ts'
import { settingsReference } from '../src/settings/reference.ts'
import { codesReference } from '../src/telemetry/codes.ts'

function write(page: string, firstWords: string, table: string): void {
  const path = join(import.meta.dirname, '..', page)
  const text = readFileSync(path, 'utf8')
  const start = text.lastIndexOf(firstWords)
  if (start < 0) throw new Error(`${page} has no table that begins with ${firstWords}`)
  writeFileSync(path, `${text.slice(0, start)}${table}\n`)
}

write('README.md', '| variable |', settingsReference(sectionsFor(frontends)))
write(
  'src/admin/README.md',
  '| metric |',
  metricReference(createMetricTable(frontends.flatMap(({ metrics }) => metrics ?? []))),
)
write('src/telemetry/README.md', '| code |', codesReference())
