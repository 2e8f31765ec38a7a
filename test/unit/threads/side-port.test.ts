// The line between a worker and a thread beside the workers.
import { deepEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { PackedPort } from '../../../src/threads/side-port.ts'

test('everybody who asked is told that the other end is gone, who asks later too', async () => {
  const { port1, port2 } = new MessageChannel()
  const port = new PackedPort(port1)
  const told: string[] = []
  port.onClosed(() => told.push('one'))
  port.onClosed(() => told.push('other'))
  port.receive(message => told.push(String(message)))
  const closed = once(port1, 'close')
  const end = new PackedPort(port2)
  end.send('last')
  end.close()
  await closed
  port.onClosed(() => told.push('late'))
  deepEqual(told, ['last', 'one', 'other', 'late'])
})
