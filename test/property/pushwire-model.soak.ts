// The tracker model of pushwire, for long: see pushwire-model.test.ts.
import { test } from 'node:test'
import fc from 'fast-check'
import { checkPushwireModel } from '../helpers/pushwire/model-property.ts'
import { progress, scaled } from '../helpers/soak/budget.ts'

test('no client is led astray, for long', t => {
  const runs = scaled(100_000, 2_000)
  progress(`pushwire model: ${runs} runs`)
  const details = checkPushwireModel(t, runs)
  if (details.failed) throw new Error(fc.defaultReportMessage(details))
})
