// Which test files a run starts, and which of them side by side.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** First, for they are done soon and say most. */
const FIRST_FOLDERS = ['unit', 'tidy']
/** Of short files: last, so that no long one is left over for one core. */
const LAST_FOLDERS = ['contracts']
/** In the comment at the head of a file that no other may run beside, with the reason. */
const ALONE = /^\/\/ Runs alone: \S/m
/** Each file also waits, for daemons and for periods: two keep two cores busy. */
const CONCURRENCY = 2
const LISTING = new URL('listing.ts', import.meta.url).pathname

export interface Phase {
  readonly files: readonly string[]
  readonly concurrency: number
}

/** Files of the folders, or of all, or the files that are named themselves; a pattern leaves those that have a test with such a name. */
export function planOf(folders: readonly string[], suffix: string, only: string | undefined): Phase[] {
  const roots = folders.length === 0 ? ['test'] : folders.map(folder => join('test', folder))
  const all = roots.flatMap(root => filesUnder(root, suffix)).sort()
  const files = only === undefined || all.length === 0 ? all : filesWith(only, all)
  const alone = files.filter(file => ALONE.test(readFileSync(file, 'utf8')))
  const beside = files.filter(file => !alone.includes(file)).sort((a, b) => rankOf(a) - rankOf(b))
  return [
    { files: beside, concurrency: CONCURRENCY },
    { files: alone, concurrency: 1 },
  ].filter(phase => phase.files.length > 0)
}

function rankOf(file: string): number {
  const folder = file.split('/')[1] ?? ''
  return Number(LAST_FOLDERS.includes(folder)) - Number(FIRST_FOLDERS.includes(folder))
}

function filesUnder(root: string, suffix: string): string[] {
  const kind = statSync(root, { throwIfNoEntry: false })
  if (kind === undefined) return []
  if (kind.isFile()) return root.endsWith(suffix) ? [root] : []
  const entries = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return entries.filter(entry => entry.endsWith(suffix)).map(entry => join(root, entry))
}

/** Names may be computed, so the files are loaded, all in one process. */
function filesWith(only: string, files: readonly string[]): readonly string[] {
  const flags = ['--disable-warning=ExperimentalWarning', LISTING]
  const printed = execFileSync(process.execPath, [...flags, only, ...files], { encoding: 'utf8' })
  return JSON.parse(printed)
}
