// A real daemon with three workers against the model of the engine: one order, history, recovery and gaps, while
// workers are thrown dead and the daemon restarts. RINGCAST_SEED repeats a run, RINGCAST_DAEMON_MODEL_RUNS makes it longer.
import { test } from 'node:test'
import { checkDaemonModel } from '../helpers/daemon-model-property.ts'

test('a daemon whose workers die and that restarts does nothing that the model rules out', t =>
  checkDaemonModel(t, 2))
