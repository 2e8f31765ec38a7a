// Which test files a run starts, and in which order.
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** First, for they are done soon and say most. */
const FIRST_FOLDERS = ['unit', 'tidy']
/** Of short files: last, so that no long one is left over for one core. */
const LAST_FOLDERS = ['contracts']
const LISTING = new URL('listing.ts', import.meta.url).pathname

/** `places` are folders or files, none of them means all; a pattern leaves the files that have a test with such a name. */
export function filesOf(
  places: readonly string[],
  suffix: string,
  only: string | undefined,
): readonly string[] {
  const roots = places.length === 0 ? ['test'] : places.map(place => join('test', place))
  const files = roots.flatMap(root => filesUnder(root, suffix)).sort()
  files.sort((a, b) => rankOf(a) - rankOf(b))
  return only === undefined || files.length === 0 ? files : filesWith(only, files)
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
