// Law 20 on a real daemon: one stream of two channels, of which one is urgent, to a client that does not read.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { AdminClient, adminSecret } from '../../helpers/admin-client.ts'
import { type Daemon, secrets, startDaemon } from '../../helpers/daemon.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'

const namespaces = [
  { pattern: 'bulk', priority: 'low' },
  { pattern: 'urgent', priority: 'high' },
]

/** More than one write takes, so that each carries one. */
const bulkBytes = 70_000
/** So many wait when the socket is full, and the bounds leave room for them. */
const waitingMin = 8
const bytesMax = '67108864'

let daemon: Daemon
before(async () => {
  daemon = await startDaemon({
    workers: 2,
    environment: {
      RINGCAST_ONLY: 'pushy',
      RINGCAST_ADMIN_SECRET: adminSecret,
      RINGCAST_NAMESPACES: JSON.stringify(namespaces),
      RINGCAST_ENGINE_OUTBOX_BYTES_MAX: bytesMax,
      RINGCAST_ENGINE_CONNECTION_BYTES_MAX: bytesMax,
      RINGCAST_ENGINE_OUTBOX_AGE_MS_MAX: '600000',
    },
  })
})
after(() => daemon.stop())

/** Writes to the only subscriber that there is. */
async function writes(): Promise<number> {
  const workers = await daemon.statistics()
  return workers.reduce((sum, { hub }) => sum + (hub?.['writes'] ?? 0), 0)
}

/** What came, in its order. */
function cameTo(client: RawClient): string[] {
  return Array.from(client.text.matchAll(/(?:bulk|urgent)-\d+/g), ([name]) => name)
}

test('what is urgent is the next to be written once the socket takes more', async () => {
  const admin = new AdminClient(daemon.address('admin'))
  const publish = async (channel: string, text: string) =>
    equal((await admin.publish({ channel, text })).status, 200)
  const client = new RawClient(daemon.address('pushy'))
  const token = mintJwt(secrets.jwt, { channels: ['bulk', 'urgent'] })
  const headers = [
    ['authorization', `Bearer ${token}`],
    ['content-type', 'application/json'],
  ] as const
  const body = JSON.stringify({ channels: ['bulk', 'urgent'] })
  client.send(encodeRequest({ method: 'POST', target: '/sse', headers, body }))
  equal((await client.head()).status, 200)
  client.pause()

  const bulk: string[] = []
  const fill = async () => {
    const filler = 'x'.repeat(bulkBytes)
    for (let written = -1, unwritten = 0; unwritten < waitingMin; ) {
      const name = `bulk-${bulk.push(`bulk-${bulk.length}`) - 1}`
      await publish('bulk', `${name} ${filler}`)
      const now = await writes()
      unwritten = now === written ? unwritten + 1 : 0
      written = now
    }
  }
  const urgent: string[] = []
  // The kernel may make room while nobody looks: then it is asked again.
  for (let before = -1, now = 0; before !== now; now = await writes()) {
    await fill()
    before = await writes()
    const name = `urgent-${urgent.push(`urgent-${urgent.length}`) - 1}`
    await publish('urgent', name)
  }
  const written = await writes()
  client.resume()
  await client.waitFor('nearly all', () => client.size > bulk.length * bulkBytes)
  await client.waitFor('all of it', () => cameTo(client).length === bulk.length + urgent.length)

  const came = cameTo(client)
  equal(came.indexOf(`urgent-${urgent.length - 1}`), written, 'nothing is written between')
  ok(came.length - written > waitingMin, 'and much waited before it')
  for (const [channel, all] of Object.entries({ bulk, urgent }))
    deepEqual(
      came.filter(name => name.startsWith(channel)),
      all,
    )
  client.leave()
})
