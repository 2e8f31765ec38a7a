// The model as a property, and how its tests repeat a run.
import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import fc, { type RunDetails } from 'fast-check'
import { configs, type ModelConfig, type Op, ops } from './model-ops.ts'
import { runModel } from './model-run.ts'
import type { Play } from './model-workers.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))

/** RINGCAST_SEED repeats a run, RINGCAST_MODEL_RUNS sets its length. */
export function checkModel(t: TestContext, runs: number, play: Play = {}): RunDetails<[ModelConfig, Op[]]> {
  const numRuns = Number(process.env['RINGCAST_MODEL_RUNS'] ?? runs)
  t.diagnostic(`seed ${seed}, ${numRuns} sequences`)
  const property = fc.property(configs, ops, (config, sequence) => runModel(config, sequence, play))
  return fc.check(property, { seed, numRuns, includeErrorInReport: true })
}
