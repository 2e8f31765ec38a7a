// Slow readers on a real daemon, the long form: 300 dead and 50 slow among 300 healthy streams for a minute.
import { test } from 'node:test'
import { runSlowReaders } from '../helpers/slow-readers.ts'
import { progress, scaled } from '../helpers/soak/budget.ts'

test('300 dead and 50 slow streams among 300 healthy ones, 100 messages a second of 1 KB', async t => {
  // In less time the system's own buffers hold all that is published, and nobody is behind.
  const seconds = scaled(60, 60)
  progress(`slow readers: ${seconds} s`)
  const report = await runSlowReaders({
    dead: 300,
    slow: 50,
    healthy: 300,
    seconds,
    messagesPerSecond: 100,
    payloadBytes: 1_024,
  })
  t.diagnostic(JSON.stringify(report))
})
