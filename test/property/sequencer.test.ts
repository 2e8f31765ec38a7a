// Publishers' own order against a model of the contract: random ids and orders, repeats, loose ones, subscribers that come
// and go, owners and readers that retire. Nothing acknowledged is lost, nothing comes twice in its time. And the model
// notices what it is there to notice.
import { equal, match } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { runSequencer, type SequencerMutation, sequencerOps } from '../helpers/sequencer-run.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))

function check(t: TestContext, numRuns: number, mutation?: SequencerMutation) {
  t.diagnostic(`seed ${seed}, ${numRuns} sequences`)
  const property = fc.property(sequencerOps, ops => runSequencer(ops, mutation))
  return fc.check(property, { seed, numRuns, includeErrorInReport: true })
}

const mutations: Readonly<Record<string, SequencerMutation & { readonly says: RegExp }>> = {
  'nothing is held': {
    sequence: ({ after: _, ...others }) => others,
    says: /fate|order/,
  },
  'a loose one moves the last': {
    sequence: ({ isLoose: _, ...others }) => others,
    says: /fate|order|last id/,
  },
  'ids are not seen': { limits: { seenMs: 0 }, says: /fate/ },
  'ids are seen for too long': { limits: { seenMs: 60_000 }, says: /fate/ },
  'what is held waits too long': { limits: { waitMs: 7_000 }, says: /order/ },
  'too little is held': { limits: { heldMax: 1 }, says: /fate|order/ },
  'held drafts are not handed over': {
    order: ([last, , ...others]) => [last, [], ...others],
    says: /fate|order/,
  },
  'the last id is not handed over': {
    order: ([, ...others]) => [undefined, ...others],
    says: /fate|order|last id/,
  },
  'seen ids are not handed over': {
    order: ([last, held, , lingerMs]) => [last, held, [], lingerMs],
    says: /fate/,
  },
  'nobody lingers': { lingerMs: () => 0, says: /fate|order|last id/ },
  'nobody is awaited': { limits: { awaitedMs: 0 }, says: /fate|order|last id/ },
  'the owner does not hear of a recovery': { recovers: slot => slot !== 0, says: /fate|order|last id/ },
  'a reader does not hear of a recovery': { recovers: slot => slot === 0, says: /last id/ },
}

describe('publishers’ own order', () => {
  test('is what the contract says', t => {
    const { failed, errorInstance } = check(t, Number(process.env['RINGCAST_MODEL_RUNS'] ?? 300))
    equal(failed, false, String(errorInstance))
  })

  for (const [name, mutation] of Object.entries(mutations)) {
    test(`is not where ${name}`, t => {
      const { failed, errorInstance } = check(t, 400, mutation)
      equal(failed, true)
      match(String(errorInstance), mutation.says)
    })
  }
})
