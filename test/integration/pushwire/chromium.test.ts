// A browser's own EventSource over several channels: it comes back over whatever ends its stream, by the ids of its events, and
// misses nothing that was published meanwhile on any of them.
import { deepEqual, equal } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isChromiumMissing, startChromium } from '../../helpers/chromium.ts'
import { startDaemon } from '../../helpers/daemon.ts'
import { demand } from '../../helpers/faulty/demand.ts'
import { freePort } from '../../helpers/proxies.ts'
import { clientIdOf, Tracker, WireClient } from '../../helpers/pushwire/wire-client.ts'
import { until } from '../../helpers/until.ts'

const main = new URL('../../helpers/faulty/main.ts', import.meta.url)
const patienceMs = 60_000
const channels = ['chat', 'news', 'demo'] as const

/** Keeps what comes, by channel; the names of events are those of channels. */
const page = `<!doctype html><script>
const seen = { chat: [], news: [], demo: [], gaps: 0, opens: 0 }
function listen(url) {
  const source = new EventSource(url)
  source.onopen = () => seen.opens++
  for (const name of ['chat', 'news', 'demo'])
    source.addEventListener(name, ({ data }) => seen[name].push(JSON.parse(data).payload))
  source.addEventListener('system', ({ data }) => {
    if (JSON.parse(data).payload.op === 'resume_required') seen.gaps++
  })
  return source
}
</script>`

async function servePage(t: TestContext): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(page)
  }).listen(0, '127.0.0.1')
  t.after(() => server.close().closeAllConnections())
  await until('the page to be served', () => server.listening)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
}

/** While workers come back a connection may be lost. */
async function enter(address: string, tracker: Tracker): Promise<WireClient> {
  const connect = async () => {
    const client = new WireClient(address, 'socket', { clientId: clientIdOf(2), channels, tracker })
    await until('an answer', () => client.isLive || client.isClosed)
    return client.isLive ? client : undefined
  }
  return await until('the publisher to be let in', connect, patienceMs)
}

/** One of each channel, by a client that hears that it was taken. */
async function publishToAll(address: string, payload: number): Promise<void> {
  const tracker = new Tracker()
  const publisher = await enter(address, tracker)
  for (const channel of channels) publisher.send({ channel, payload })
  await until('all to be taken', () => tracker.got.length === channels.length, patienceMs)
  publisher.leave()
}

function environmentOf(address: string, origin: string, folder: string): Readonly<Record<string, string>> {
  return {
    RINGCAST_ONLY: 'pushwire,faulty',
    RINGCAST_PUSHWIRE_LISTEN: address,
    RINGCAST_PUSHWIRE_ORIGINS: origin,
    RINGCAST_PUSHWIRE_RETRY_MS: '100',
    RINGCAST_PUSHWIRE_CHANNELS: JSON.stringify([
      { name: 'system', system: true },
      ...channels.map(name => ({ name, handler: 'broadcast' })),
    ]),
    RINGCAST_STATE_DIR: folder,
    RINGCAST_DRAIN_SPREAD_MS: '50',
  }
}

test('Chromium’s EventSource comes back to where it was in each of its channels', {
  skip: isChromiumMissing(),
}, async t => {
  const origin = await servePage(t)
  const folder = mkdtempSync(join(tmpdir(), 'pushwire-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const address = `127.0.0.1:${await freePort()}`
  const environment = environmentOf(address, origin, folder)
  const start = () => startDaemon({ workers: 2, main, environment })
  let daemon = await start()
  t.after(() => daemon.process.kill('SIGKILL'))
  const browser = await startChromium()
  t.after(() => browser.stop())
  const tab = await browser.open(`${origin}/page.html`)
  const query = `client_id=${clientIdOf(1)}&channels=${channels.join()}`
  await tab.evaluate(`void (source = listen('http://${address}/rps/sse?${query}'))`)
  const opened = async (count: number) =>
    await until(
      `it to be open ${count} times`,
      async () => Number(await tab.evaluate('seen.opens')) >= count,
      patienceMs,
    )
  let published = 0
  const publish = async () => await publishToAll(address, ++published)
  const arrived = async () => {
    const expected = Array.from({ length: published }, (_, index) => index + 1)
    for (const channel of channels) {
      const seen = async () => (await tab.evaluate(`seen.${channel}`)) as number[] // as the page keeps them
      await until(`all of ${channel}`, async () => (await seen()).length >= published, patienceMs)
      deepEqual(await seen(), expected)
    }
  }
  await opened(1)
  await publish()
  await arrived()

  // In order: what is published until it is back is in the history that the next process has.
  equal(await daemon.stop(), 0)
  daemon = await start()
  await publish()
  await opened(2)
  await arrived()

  await demand(daemon, 0, '/throw/turn')
  await demand(daemon, 1, '/throw/turn')
  await publish()
  await arrived()
  equal(await tab.evaluate('seen.gaps'), 0)
  equal(await daemon.stop(), 0)
})
