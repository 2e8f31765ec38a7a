import { test } from 'node:test'
import { checkDaemon } from '../helpers/pushwire/daemon-model.ts'
import { progress, scaled } from '../helpers/soak/budget.ts'

for (const workers of [1, 3]) {
  test(`clients that move about ${workers} workers, which die, for long`, t => {
    const operations = scaled(1_000, 100)
    progress(`pushwire, ${workers} workers: ${operations} operations`)
    return checkDaemon(t, workers, operations)
  })
}
