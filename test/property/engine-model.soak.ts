// The model of the engine, for long: see engine-model.test.ts.
import { test } from 'node:test'
import fc from 'fast-check'
import { checkModel } from '../helpers/model-property.ts'
import { progress, scaled } from '../helpers/soak/budget.ts'

test('the engines do nothing that the model rules out, for long', t => {
  const runs = scaled(20_000, 500)
  progress(`engine model: ${runs} runs`)
  for (const late of [undefined, 1, 3]) {
    const details = checkModel(t, Math.ceil(runs / 3), { late })
    if (details.failed) throw new Error(fc.defaultReportMessage(details))
  }
})
