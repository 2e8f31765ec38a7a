// Which test files a run starts, and which of them side by side.
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Folders of files that start no daemon. */
const LIGHT_FOLDERS = ['unit', 'property', 'fuzz', 'tidy', 'types']
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
  const light = files.filter(file => LIGHT_FOLDERS.includes(file.split('/')[1] ?? ''))
  const heavy = files.filter(file => !light.includes(file))
  return [
    { files: light, concurrency: 2 },
    { files: heavy, concurrency: 1 },
  ].filter(phase => phase.files.length > 0)
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
