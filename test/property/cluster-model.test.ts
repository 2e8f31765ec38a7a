// What nodes that follow channels at a broker are told, against a judge: random sequences on two or three nodes whose
// connections are cut, delayed and come back, and servers that fail over, start again and lose what no replica had.
// RINGCAST_SEED repeats a run, RINGCAST_MODEL_RUNS makes it longer.
import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkClusterModel } from '../helpers/cluster/model-property.ts'

test('nobody misses a publication without being told, or gets it twice, or out of order', t => {
  const { details, counts } = checkClusterModel(t, 1_000)
  if (details.failed) throw new Error(fc.defaultReportMessage(details))
  t.diagnostic(JSON.stringify(counts))
  // All that can happen does.
  for (const [name, count] of Object.entries(counts)) ok(count > 0, name)
})
