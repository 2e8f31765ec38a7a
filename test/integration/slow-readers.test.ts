// Slow readers on a real daemon, the short form: large messages fill the kernel's buffers quickly.
import { test } from 'node:test'
import { runSlowReaders } from '../helpers/slow-readers.ts'

test('dead streams are closed with their reason, and healthy ones lose nothing', async t => {
  const report = await runSlowReaders({
    dead: 30,
    slow: 10,
    healthy: 30,
    seconds: 8,
    messagesPerSecond: 100,
    payloadBytes: 12_000,
  })
  t.diagnostic(JSON.stringify(report))
})
