// A connection to Redis that does not come about fails once: told twice, whoever tries again would do so twice as often each time.
import { deepEqual, rejects } from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { createClient } from '@redis/client'
import { Connection } from '../../../src/cluster/redis/connection.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { freePort } from '../../helpers/proxies.ts'

const access = {
  username: '',
  password: undefined,
  isTls: false,
  ca: undefined,
  timeoutMs: 60_000,
  name: 'test',
}

/** What was told beside the rejection. */
async function toldOf(port: number): Promise<readonly string[]> {
  const told: string[] = []
  const opening = Connection.open(
    { host: '127.0.0.1', port },
    access,
    { createClient, clock: systemClock },
    {
      message: () => void told.push('message'),
      unsubscribed: () => void told.push('unsubscribed'),
      dead: reason => void told.push(reason),
    },
  )
  await rejects(opening)
  await new Promise(resolve => setImmediate(resolve))
  return told
}

test('a server that refuses is told by the rejection alone', async () => {
  deepEqual(await toldOf(await freePort()), [])
})

test('and so is one that ends each connection, or speaks something else', async t => {
  for (const greeting of ['', 'HTTP/1.1 400 Bad Request\r\n\r\n']) {
    const server = createServer(socket => socket.on('error', () => {}).end(greeting))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const address = server.address()
    deepEqual(await toldOf(typeof address === 'object' ? (address?.port ?? 0) : 0), [])
  }
})
