// Client ids that move about a real daemon whose workers die: see the helper. RINGCAST_SEED repeats a run.
import { test } from 'node:test'
import { checkDaemon } from '../helpers/pushwire/daemon-model.ts'

for (const workers of [1, 3]) {
  test(`clients that move about ${workers} workers, which die, miss nothing untold and get nothing twice`, t =>
    checkDaemon(t, workers, 60))
}
