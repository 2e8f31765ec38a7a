// The tracker model as a property, and how its tests repeat a run.
import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import fc, { type RunDetails } from 'fast-check'
import { configs, type Op, ops, type PushwireConfig } from './model-ops.ts'
import { type PushwireFault, runPushwireModel } from './model-run.ts'

/** With a fault the first sequence that shows it is enough. RINGCAST_SEED repeats a run, RINGCAST_MODEL_RUNS sets its length. */
export function checkPushwireModel(
  t: TestContext,
  runs: number,
  fault?: PushwireFault,
): RunDetails<[PushwireConfig, Op[]]> {
  const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
  const numRuns = Number(process.env['RINGCAST_MODEL_RUNS'] ?? runs)
  t.diagnostic(`seed ${seed}, ${numRuns} sequences`)
  const property = fc.property(configs, ops, (config, sequence) => runPushwireModel(config, sequence, fault))
  return fc.check(property, { seed, numRuns, endOnFailure: fault !== undefined, includeErrorInReport: true })
}
