// The model of a real daemon, for long: see daemon-model.test.ts.
import { test } from 'node:test'
import { checkDaemonModel } from '../helpers/daemon-model-property.ts'

test('a daemon does nothing that the model rules out, for long', t => checkDaemonModel(t, 100))
