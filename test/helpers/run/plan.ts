// Which test files a run starts, and in which order.
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** First, for they are done soon and say most. */
const FIRST_FOLDERS = ['unit', 'tidy']
/** What takes longer than ten seconds on a quiet machine, the longest first: begun last, it would leave cores idle. */
export const LONG_FILES: readonly RegExp[] = [
  /^integration\/(?:cluster\/outages|grip\/public-slow)\./,
  /^conformance\/\w+\/exchanges\./,
  /^integration\/(?:deploy-packages|salvage)\./,
  /^integration\/death\./,
  /^integration\/(?:\w+\/)?deploy-(?:encoded|proxies|ring)\./,
  /^property\/(?:daemon-model|pushwire-daemon)\./,
  /^integration\/\w+\/hostile\./,
  /^fuzz\/hostile-requests\./,
  /^integration\/(?:\w+\/floods|readme|bench|command-api|state|\w+\/return)\./,
  /^integration\/(?:playground-chromium|playground-command|\w+\/(?:churn|chromium|metrics|deploy-from-original)|restart)\./,
  /^integration\/(?:terminal|nginx-ring|cross-site|restart-many-channels|slow-readers)\./,
  /^integration\/(?:cluster\/(?:deaths|rolling-.*)|deploy-(?:nodes|service)|sixth-protocol)\./,
  /^fuzz\/(?:(?:grip-)?decoders|gate-differential)\./,
]
const LISTING = new URL('listing.ts', import.meta.url).pathname

/** `places` are folders or files, none of them means all; a pattern leaves the files that have a test with such a name. */
export function filesOf(
  places: readonly string[],
  suffix: string,
  only: string | undefined,
): readonly string[] {
  const roots = places.length === 0 ? ['test'] : places.map(place => join('test', place))
  const files = planned(roots.flatMap(root => filesUnder(root, suffix)))
  return only === undefined || files.length === 0 ? files : filesWith(only, files)
}

/** In the order in which they begin. */
function planned(files: readonly string[]): string[] {
  return files.toSorted((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
}

function rankOf(file: string): number {
  const [, folder = ''] = file.split('/')
  if (FIRST_FOLDERS.includes(folder)) return -1
  const place = placeAmongLong(file)
  return place < 0 ? LONG_FILES.length : place
}

export function isLong(file: string): boolean {
  return placeAmongLong(file) >= 0
}

function placeAmongLong(file: string): number {
  return LONG_FILES.findIndex(long => long.test(file.slice('test/'.length)))
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
