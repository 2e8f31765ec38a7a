// Files that need no process of their own are run several to one: of half a second of a processor that a file of unit tests
// takes, nine tenths go to a start of Node.js and to modules that all of them import.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What is in these folders starts no daemon and waits for little. */
const JOINED = /^test\/(?:unit|tidy)\//
/** Enough for all processors, and few enough that a group that hangs or crashes says something. */
const GROUP = 40
/** Hooks outside of a suite are everybody's in their process; what is measured of a thread or of its memory, too. */
const APART = /^(?:before|after)(?:Each)?\(|\/helpers\/(?:heap|cost)\.ts'|memoryUsage\(/m

/** The same tests in fewer files, in the order of the first of each; `folder` is the caller's, to be removed. */
export function joinFiles(files: readonly string[], folder: string): readonly string[] {
  const joined = files.filter(file => JOINED.test(file) && !APART.test(readFileSync(file, 'utf8')))
  if (joined.length < 2) return files
  const own = new Set(joined)
  mkdirSync(join(folder, 'test'), { recursive: true })
  const count = Math.ceil(joined.length / GROUP)
  const groups = Array.from({ length: count }, (_, n) => {
    const path = join(folder, 'test', `joined-${n + 1}.test.ts`)
    // Neighbours, which often are alike in what they take, are spread.
    const members = joined.filter((_, index) => index % count === n)
    writeFileSync(path, members.map(file => `import ${JSON.stringify(resolve(file))}\n`).join(''))
    return path
  })
  return [...groups, ...files.filter(file => !own.has(file))]
}
