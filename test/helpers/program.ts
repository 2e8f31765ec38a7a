// The program that tests start: the sources, or what the run has just built from them. Four threads that need not take
// the types out of every file first are up in two thirds of the time.

/** Set by `node test/run.ts --built`. */
export const BUILT_VARIABLE = 'TEST_BUILT'

const isBuilt = process.env[BUILT_VARIABLE] === 'true'

export const program = new URL(isBuilt ? '../../dist/src/main.js' : '../../src/main.ts', import.meta.url)

/** For node, in front of a program of the tests' own: it runs on the same code as the one above. */
export const flagsOfOthers: readonly string[] = isBuilt
  ? ['--import', new URL('built.ts', import.meta.url).href]
  : []
