// The model of followers, for long: see cluster-model.test.ts.
import { test } from 'node:test'
import fc from 'fast-check'
import { checkClusterModel } from '../helpers/cluster/model-property.ts'
import { progress, scaled } from '../helpers/soak/budget.ts'

test('nobody misses a publication without being told, for long', t => {
  const runs = scaled(100_000, 2_000)
  progress(`model of followers: ${runs} runs`)
  const { details } = checkClusterModel(t, runs)
  if (details.failed) throw new Error(fc.defaultReportMessage(details))
})
