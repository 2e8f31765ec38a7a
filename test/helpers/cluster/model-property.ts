// The model of followers as a property, and how its tests repeat a run.
import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import fc, { type RunDetails } from 'fast-check'
import { type ClusterModelConfig, type ClusterOp, clusterConfigs, clusterOps } from './model-ops.ts'
import { type ClusterPlay, runClusterModel } from './model-run.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))

type Counts = ReturnType<typeof runClusterModel>

export interface ClusterCheck {
  readonly details: RunDetails<[ClusterModelConfig, ClusterOp[]]>
  /** Of all sequences. */
  readonly counts: Readonly<Record<keyof Counts, number>>
}

/** RINGCAST_SEED repeats a run, RINGCAST_MODEL_RUNS sets its length. */
export function checkClusterModel(t: TestContext, runs: number, play: ClusterPlay = {}): ClusterCheck {
  const numRuns = Number(process.env['RINGCAST_MODEL_RUNS'] ?? runs)
  t.diagnostic(`seed ${seed}, ${numRuns} sequences`)
  const counts = { publications: 0, gaps: 0, renumbered: 0, acknowledged: 0, refused: 0 }
  const property = fc.property(clusterConfigs, clusterOps, (config, ops) => {
    for (const [name, count] of Object.entries(runClusterModel(config, ops, play)))
      counts[name as keyof Counts] += count // they are its own
  })
  const details = fc.check(property, { seed, numRuns, includeErrorInReport: true })
  return { details, counts }
}
