// The program that tests start: the sources, or what the run has just built from them. Four threads that need not take
// the types out of every file first are up in two thirds of the time; of few files, in a third.
import { pathToFileURL } from 'node:url'

/** Set by `node test/run.ts --built`. */
export const BUILT_VARIABLE = 'TEST_BUILT'

/** The folder that stands in for `dist` where daemons are started: see `run/bundle.ts`. */
export const BUNDLE_VARIABLE = 'TEST_BUNDLE'

/** Where Node.js keeps what it compiled, for the next program of the run: a fifth of the time that a start costs. */
export const COMPILED_VARIABLE = 'NODE_COMPILE_CACHE'

const isBuilt = process.env[BUILT_VARIABLE] === 'true'

/** What a program of a run has of the run's own environment, and nothing else. */
export const runEnvironment: Readonly<Record<string, string | undefined>> = {
  PATH: process.env['PATH'],
  TEST_RUN_MARK: process.env['TEST_RUN_MARK'],
  [COMPILED_VARIABLE]: process.env[COMPILED_VARIABLE],
}

const bundle = process.env[BUNDLE_VARIABLE]
const built = bundle === undefined ? new URL('../../dist/', import.meta.url) : pathToFileURL(`${bundle}/`)

/** Programs in `test/helpers` that are the daemon with front-ends of the tests' own, each a `main.ts` and a `worker.ts`. */
export const ownPrograms: readonly string[] = ['faulty', 'whole']

export const program = isBuilt ? new URL('src/main.js', built) : new URL('../../src/main.ts', import.meta.url)

/** For node, in front of a program of the tests' own: it runs on what was built. */
export const flagsOfBuilt: readonly string[] = ['--import', new URL('built.ts', import.meta.url).href]
/** The same where the program above is the one that was built. */
export const flagsOfOthers: readonly string[] = isBuilt ? flagsOfBuilt : []

/** What node is given to start a program of the tests' own, which imports sources: what the run has made of it, if any. */
export function argumentsFor(main: URL): readonly string[] {
  if (main.href === program.href) return [main.pathname]
  const name = ownPrograms.find(each => main.pathname.endsWith(`/test/helpers/${each}/main.ts`))
  if (bundle === undefined || name === undefined) return [...flagsOfOthers, main.pathname]
  return [new URL(`test/helpers/${name}/main.js`, built).pathname]
}
