// The long form of restart.test.ts.
import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { runRestarts } from '../helpers/restarts.ts'
import { progress, scaled } from '../helpers/soak/budget.ts'

test('restarts under load, for long', async t => {
  const restarts = scaled(60, 5)
  progress(`restarts: ${restarts} under load`)
  const report = await runRestarts({ restarts, clients: 200, messagesPerSecond: 1_000 })
  t.diagnostic(JSON.stringify(report))
  ok(report.acknowledged > 0)
})
