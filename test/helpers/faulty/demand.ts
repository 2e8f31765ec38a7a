// Asks a faulty daemon for a bug.
import type { Daemon } from '../daemon.ts'
import { RawClient } from '../raw-client.ts'

function clientOf(daemon: Daemon, slot: number): RawClient {
  return new RawClient(daemon.shards('faulty')[slot] ?? '')
}

/** Asks one worker to fail. */
export async function demand(daemon: Daemon, slot: number, path: string): Promise<RawClient> {
  const head = path === '/throw/body' ? 'POST' : 'GET'
  const client = clientOf(daemon, slot)
  client.send(`${head} ${path} HTTP/1.1\r\nhost: t\r\n\r\n`)
  if (path !== '/throw/drained') return client
  client.pause()
  const after = clientOf(daemon, slot).send('GET /ok HTTP/1.1\r\nhost: t\r\n\r\n')
  await after.answers(1)
  after.leave()
  client.resume()
  return client
}
