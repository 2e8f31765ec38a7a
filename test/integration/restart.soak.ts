// The long form of restart.test.ts.
import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { runRestarts } from '../helpers/restarts.ts'

test('100 restarts under load', async t => {
  const report = await runRestarts({ restarts: 100, clients: 200, messagesPerSecond: 1_000 })
  t.diagnostic(JSON.stringify(report))
  ok(report.acknowledged > 0)
})
