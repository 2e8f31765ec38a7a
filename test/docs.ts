// Writes what documents take from the code: today the settings table of README.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sectionsFor } from '../src/app/node.ts'
import { frontends } from '../src/app/worker.ts'
import { settingsReference } from '../src/settings/reference.ts'

const path = join(import.meta.dirname, '../README.md')
const readme = readFileSync(path, 'utf8')
const start = readme.indexOf('| variable |')
writeFileSync(path, `${readme.slice(0, start)}${settingsReference(sectionsFor(frontends))}\n`)
