// Files that need no process of their own are run several to one: a start of Node.js and the modules that all of them import
// cost nine tenths of what a file of unit tests takes, and a second of a processor for each file about daemons.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isLong } from './plan.ts'

interface Kind {
  readonly files: RegExp
  /** Files to a process: enough to save most of the starts, and few enough that a group that hangs or crashes says something. */
  readonly members: number
}

const kinds: readonly Kind[] = [
  /** They start no daemon and wait for little. */
  { files: /^test\/(?:unit|tidy)\//, members: 40 },
  /** They wait, so they are to be spread over the lanes of a run. */
  { files: /^test\//, members: 5 },
]
/** So few files each keep a lane for themselves. */
const LANES = 4
/** Hooks outside of a suite are everybody's in their process; what is measured of a thread or of its memory, too. */
const APART = /^(?:before|after)(?:Each)?\(|\/helpers\/(?:heap|cost)\.ts'|memoryUsage\(/m

/** The same tests in fewer files, in the order of the first of each; `folder` is the caller's, to be removed. */
export function joinFiles(files: readonly string[], folder: string): readonly string[] {
  mkdirSync(join(folder, 'test'), { recursive: true })
  const groupOf = new Map<string, string>()
  for (const [index, { members }] of kinds.entries()) {
    const joined = files.filter(file => kindOf(file) === index)
    const count = Math.max(Math.ceil(joined.length / members), index === 0 ? 1 : LANES)
    for (const n of Array.from({ length: Math.min(count, joined.length) }).keys()) {
      // Neighbours, which often are alike in what they take, are spread.
      const group = joined.filter((_, at) => at % count === n)
      if (group.length < 2) continue
      const path = join(folder, 'test', `joined-${index + 1}-${n + 1}.test.ts`)
      writeFileSync(path, group.map(file => `import ${JSON.stringify(resolve(file))}\n`).join(''))
      for (const file of group) groupOf.set(file, path)
    }
  }
  return [...new Set(files.map(file => groupOf.get(file) ?? file))]
}

/** Undefined for one that stays apart. */
function kindOf(file: string): number | undefined {
  if (isLong(file) || APART.test(readFileSync(file, 'utf8'))) return undefined
  return kinds.findIndex(kind => kind.files.test(file))
}
