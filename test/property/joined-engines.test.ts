// Two nodes that are joined, against their common order: random publishes, subscribers, patterns, outages, new numberings and deaths
// of workers. Between two gaps everybody is given what comes next in the order; what is missing lies inside a gap; nobody
// is given anything twice; and in the end all have the last one. RINGCAST_SEED repeats a run, RINGCAST_MODEL_RUNS sets its length.
import { equal, match } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { checkJoined, joinedOps } from '../helpers/joined-run.ts'
import type { JointFault } from '../helpers/joint.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))

function check(t: TestContext, runs: number, fault?: JointFault) {
  const numRuns = Number(process.env['RINGCAST_MODEL_RUNS'] ?? runs)
  t.diagnostic(`seed ${seed}, ${numRuns} sequences`)
  const property = fc.property(joinedOps, ops => checkJoined(ops, fault))
  return fc.check(property, { numRuns, seed, includeErrorInReport: true })
}

test('joined nodes lose nothing untold, and give nothing twice', t => {
  const details = check(t, 600)
  if (details.failed) throw new Error(fc.defaultReportMessage(details))
})

const faults: Readonly<Record<JointFault, RegExp>> = {
  'quiet-fork': /not what comes next|has everything|goes back|a resume/,
  deaf: /not what comes next|has everything|something before it did not/,
  twice: /again, or out of order/,
}

describe('the judge of joined nodes', () => {
  for (const [fault, says] of Object.entries(faults) as [JointFault, RegExp][]) {
    // of that very record
    test(`notices what joins them being ${fault}`, t => {
      const { failed, errorInstance } = check(t, 4_000, fault)
      equal(failed, true)
      match(String(errorInstance), says)
    })
  }
})
