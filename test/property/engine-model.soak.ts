// The model of the engine, for long: see engine-model.test.ts.
import { test } from 'node:test'
import fc from 'fast-check'
import { checkModel } from '../helpers/model-property.ts'

test('the engines do nothing that the model rules out, for long', t => {
  const details = checkModel(t, 20_000)
  if (details.failed) throw new Error(fc.defaultReportMessage(details))
})
