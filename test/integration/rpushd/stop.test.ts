// A node that stops over a while: its streams end without a word, for the wire has none, and whoever asks for one over a connection
// that is still open is told when to come back.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { secrets, startDaemon } from '../../helpers/daemon.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'

const streams = 5
const claims = { aud: 'rpushd', scope: 'subscribe', channel: 'news', exp: 4_102_444_800 }
const token = mintHmacToken(secrets.subscribe, claims)

async function ends(client: RawClient): Promise<void> {
  while ((await client.chunk()) !== undefined);
}

test('a stream that is refused has a place behind those that are open', async t => {
  const daemon = await startDaemon({
    workers: 1,
    environment: {
      RINGCAST_ONLY: 'rpushd',
      RINGCAST_RETURNS_PER_SECOND: '1',
      RINGCAST_DRAIN_SPREAD_MS: '30000',
      RINGCAST_DRAIN_TIMEOUT_MS: '60000',
    },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const address = daemon.address('rpushd')
  const ask = {
    method: 'POST',
    target: '/api/stream/news',
    headers: [['content-type', 'application/json']] as const,
    body: JSON.stringify({ token }),
  }
  const open = Array.from({ length: streams }, () => new RawClient(address).send(encodeRequest(ask)))
  t.after(() => {
    for (const client of open) client.leave()
  })
  for (const client of open) equal((await client.head()).status, 200)
  const late = new RawClient(address)
  t.after(() => late.leave())
  equal((await late.send(encodeRequest({ method: 'GET', target: '/healthz' })).answer('GET')).status, 200)
  daemon.process.kill('SIGTERM')
  // Its last chunk ends the stream, and not its connection.
  await Promise.any(open.map(ends))
  const answer = await late.send(encodeRequest(ask)).answer('POST')
  const after = Number(new Map(answer.headers).get('retry-after'))
  deepEqual([answer.status, answer.body.length], [503, 0])
  // One was sent away, and has the first second; how many more since then is the machine's business.
  ok(after >= 2 && after <= streams + 2, `${after} s`)
})
