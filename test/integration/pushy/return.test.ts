// A native EventSource comes back by itself over whatever ends its stream, as long as nobody answers it anything but 200.
// Here without a proxy, whose own answers a shipped sample amends.
import { deepEqual, equal } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { isChromiumMissing, startChromium } from '../../helpers/chromium.ts'
import { demand } from '../../helpers/faulty/demand.ts'
import { patienceMs, Site } from '../../helpers/pushy-site.ts'
import { until } from '../../helpers/until.ts'

const pages = 20

async function open(t: TestContext, environment?: Readonly<Record<string, string>>): Promise<Site> {
  const site = await Site.open(t, environment)
  await site.showPages(t, pages)
  return site
}

describe(`${pages} of ${pages} pages come back by themselves`, () => {
  test('when the node is killed and started again, twice', async t => {
    const site = await open(t)
    for (const n of [2, 3]) {
      site.daemon.process.kill('SIGKILL')
      await site.daemon.ended
      await site.start()
      await site.areBack(n, n)
    }
    equal(await site.daemon.stop(), 0)
  })

  test('when the node is stopped in order and started again, twice, and nothing is missed', async t => {
    const site = await open(t)
    for (const n of [2, 4]) {
      await site.publish(n)
      equal(await site.daemon.stop(), 0)
      deepEqual(site.daemon.errors, [])
      await site.start()
      await site.areBack(1 + n / 2, n + 1)
    }
    for (const { seen } of site.pages) deepEqual(seen, [1, 2, 3, 4, 5])
    equal(await site.daemon.stop(), 0)
  })

  test('while the node drains: those that it let go ask it again, over the connection that they had', async t => {
    const drain = { RINGCAST_DRAIN_SPREAD_MS: '60000', RINGCAST_DRAIN_TIMEOUT_MS: '90000' }
    const site = await open(t, drain)
    site.daemon.process.kill('SIGTERM')
    await until('one to come again', () => site.pages.some(({ opens }) => opens > 1), patienceMs)
    site.daemon.process.kill('SIGKILL')
    await site.daemon.ended
    await site.start()
    await site.areBack(2, 2)
    site.daemon.process.kill('SIGKILL')
  })

  test('when the only worker dies, twice', async t => {
    const site = await open(t, { RINGCAST_WORKERS: '1' })
    for (const n of [2, 3]) {
      await demand(site.daemon, 0, '/throw/turn')
      await site.areBack(n, n)
    }
    equal(await site.daemon.stop(), 0)
  })
})

/** The page of the tests with a browser, on an origin of its own. */
async function servePage(t: TestContext): Promise<string> {
  const page = readFileSync(new URL('./fixtures/page.html', import.meta.url))
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(page)
  }).listen(0, '127.0.0.1')
  t.after(() => server.close().closeAllConnections())
  await until('the page to be served', () => server.listening)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
}

/** A browser has six connections for a site. */
const sources = 5

test('Chromium’s EventSource comes back over all of it', { skip: isChromiumMissing() }, async t => {
  const origin = await servePage(t)
  const site = await Site.open(t, { RINGCAST_WORKERS: '1', RINGCAST_PUSHY_ORIGINS: origin })
  const browser = await startChromium()
  t.after(() => browser.stop())
  const page = await browser.open(`${origin}/page.html`)
  await page.evaluate(`void (sources = Array.from({ length: ${sources} }, () => listen('${site.url}')))`)
  const states = async () => (await page.evaluate('sources.map(({ readyState }) => readyState)')) as number[] // as made above
  const opens = async () => Number(await page.evaluate('notes.opens'))
  /** Of all streams, when all of them were there last; some come back more than once. */
  let before = 0
  /** Each has had a new stream since the last time, and gets what is published. */
  const areBack = async (n: number) => {
    const areOpen = async () => {
      const now = await states()
      if (now.includes(2)) return true
      return now.every(state => state === 1) && (await opens()) >= before + sources
    }
    await until('every stream to be open, or one to be given up', areOpen, patienceMs)
    deepEqual(new Set(await states()), new Set([1]))
    await site.publish(n)
    const seen = `notes.seen.filter(({ n }) => n === ${n}).length`
    await until(`${n} on all`, async () => (await page.evaluate(seen)) === sources, patienceMs)
    before = await opens()
  }
  await areBack(1)

  site.daemon.process.kill('SIGKILL')
  await site.daemon.ended
  await site.start()
  await areBack(2)

  equal(await site.daemon.stop(), 0)
  await site.start()
  await areBack(3)

  await demand(site.daemon, 0, '/throw/turn')
  await areBack(4)
  equal(await site.daemon.stop(), 0)
})
