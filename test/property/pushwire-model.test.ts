// Clients of pushwire, which judge cursors by contract §3.2 and resume by bare ones, on three engines whose links delay and fill,
// whose workers die in three ways, and whose clock steps back: nobody takes a frame that it never had for a repetition, misses
// one unnoticed, or waits in silence. RINGCAST_SEED repeats a run, RINGCAST_MODEL_RUNS makes it longer.
import { test } from 'node:test'
import fc from 'fast-check'
import { checkPushwireModel } from '../helpers/pushwire/model-property.ts'

test('no client is led astray', t => {
  const details = checkPushwireModel(t, 1_000)
  if (details.failed) throw new Error(fc.defaultReportMessage(details))
})
