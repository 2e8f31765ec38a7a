// The model of a real daemon as a property, and how its tests repeat a run. A failure is not made smaller: a real
// daemon does not fail the same way twice.
import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { daemonConfigs, daemonOps } from './daemon-model-ops.ts'
import { runDaemonModel } from './daemon-model-run.ts'

/** RINGCAST_SEED repeats the sequences, RINGCAST_DAEMON_MODEL_RUNS sets how many; a failure names its operations. */
export async function checkDaemonModel(t: TestContext, runs: number): Promise<void> {
  const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
  const numRuns = Number(process.env['RINGCAST_DAEMON_MODEL_RUNS'] ?? runs)
  t.diagnostic(`seed ${seed}, ${numRuns} sequences`)
  const property = fc.asyncProperty(daemonConfigs, daemonOps, runDaemonModel)
  await fc.assert(property, { seed, numRuns, endOnFailure: true, includeErrorInReport: true })
}
