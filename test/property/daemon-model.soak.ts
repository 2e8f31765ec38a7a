// The model of a real daemon, for long: see daemon-model.test.ts.
import { test } from 'node:test'
import { checkDaemonModel } from '../helpers/daemon-model-property.ts'
import { progress, scaled } from '../helpers/soak/budget.ts'

test('a daemon does nothing that the model rules out, for long', t => {
  const runs = scaled(40, 10)
  progress(`daemon model: ${runs} runs`)
  return checkDaemonModel(t, runs)
})
