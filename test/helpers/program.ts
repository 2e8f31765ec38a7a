// The program that tests start: the sources, or what the run has just built from them. Four threads that need not take
// the types out of every file first are up in two thirds of the time.

/** Set by `node test/run.ts --built`. */
export const BUILT_VARIABLE = 'TEST_BUILT'

export const program = new URL(
  process.env[BUILT_VARIABLE] === 'true' ? '../../dist/src/main.js' : '../../src/main.ts',
  import.meta.url,
)
