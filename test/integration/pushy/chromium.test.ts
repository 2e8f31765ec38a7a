// A real browser with its own EventSource, behind nginx with the configuration that we ship: restarts of the daemon cost
// its pages nothing, by ticket or by cookie, and pages of other origins come in only where they are listed.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { type Browser, isChromiumMissing, type Page, startChromium } from '../../helpers/chromium.ts'
import { type Daemon, type DaemonOptions, secrets, startDaemon } from '../../helpers/daemon.ts'
import { freePort, isMissing, shipped, startSite } from '../../helpers/proxies.ts'
import { until } from '../../helpers/until.ts'

const file = 'nginx/ringcast-pushy.conf'
const messages = 200

/** What a page notes; `states` are those of its EventSource at each error: 0 comes again by itself, 2 has given up. */
interface Notes {
  readonly seen: readonly { readonly n: number; readonly id: string }[]
  readonly gaps: number
  readonly opens: number
  readonly states: readonly number[]
}

const page = join(import.meta.dirname, 'fixtures/page.html')

interface Site {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** The same for browsers under another name, which makes it another origin. */
  readonly foreignUrl: string
  readonly daemon: Daemon
  /** Stops the daemon in order and starts it again on the same port. */
  restart(): Promise<void>
  /** The lists of origins, read again while it runs. */
  allow(origins: readonly string[]): Promise<void>
}

/** nginx and, behind it, a daemon that keeps its numbering and history. */
async function startBoth(t: TestContext, options: DaemonOptions = {}): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'pushy-site-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const settings = join(folder, 'ringcast.json')
  writeFileSync(settings, '{}')
  const address = `127.0.0.1:${await freePort()}`
  const own = `location = /page.html { alias ${page}; default_type text/html; }\n`
  const site = await startSite(t, 'nginx', own + shipped(file).replaceAll('127.0.0.1:4000', address))
  const environment = {
    RINGCAST_ONLY: 'pushy',
    RINGCAST_CONFIG: settings,
    RINGCAST_PUSHY_LISTEN: address,
    RINGCAST_PUSHY_SHARD_PORTS: undefined,
    RINGCAST_PUSHY_COOKIE: 'pushy',
    RINGCAST_STATE_DIR: join(folder, 'state'),
    RINGCAST_HISTORY_SIZE: '1000',
    RINGCAST_DRAIN_SPREAD_MS: '50',
    ...options.environment,
  }
  const start = () => startDaemon({ workers: 3, ...options, environment })
  let daemon = await start()
  t.after(() => daemon.process.kill('SIGKILL'))
  return {
    url: `http://${site.address}`,
    foreignUrl: `http://${site.address.replace('127.0.0.1', 'localhost')}`,
    get daemon() {
      return daemon
    },
    async restart() {
      await ends(daemon)
      daemon = await start()
    },
    async allow(origins) {
      writeFileSync(settings, JSON.stringify({ pushy: { origins } }))
      const from = daemon.log.length
      daemon.process.kill('SIGHUP')
      const isVerdict = ({ msg }: { msg: string }) => msg.startsWith('settings ')
      const verdict = await until('the settings to be read', () => daemon.log.slice(from).find(isVerdict))
      match(verdict.msg, /^settings reloaded/)
    },
  }
}

async function ends(daemon: Daemon): Promise<void> {
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}

/** As an application does: past nginx, in order, and again under the same key until it is accepted. */
async function publish(site: Site, channel: string, n: number): Promise<void> {
  await until(`message ${n} to be accepted`, async () => {
    const answer = await fetch(`http://${site.daemon.address('pushy')}/publish/${channel}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': `${channel}-${n}`,
        'x-client-id': 'app',
        'x-client-secret': secrets.client,
      },
      body: JSON.stringify({ data: { n } }),
    }).catch(() => undefined)
    await answer?.arrayBuffer()
    return answer?.status === 200
  })
}

const notesOf = async (shown: Page) => (await shown.evaluate('notes')) as Notes // what the page above keeps

/** All of them, each once, in order, at rising positions of one numbering. */
function assertComplete({ seen, gaps }: Notes): void {
  deepEqual(
    seen.map(({ n }) => n),
    Array.from({ length: messages }, (_, index) => index + 1),
  )
  const positions = seen.map(({ id }) => id.split('.'))
  equal(new Set(positions.map(([epoch]) => epoch)).size, 1)
  const offsets = positions.map(([, offset]) => Number(offset))
  deepEqual(
    offsets,
    offsets.map((_, index) => (offsets[0] ?? 0) + index),
  )
  equal(gaps, 0)
}

const skip = isMissing('nginx') || isChromiumMissing()

describe(`chromium behind nginx with deploy/${file}`, { skip }, () => {
  let browser: Browser
  before(async () => {
    browser = await startChromium()
  })
  after(() => browser?.stop())

  test('a page that comes by tickets gets everything once, over a restart under publishing', async t => {
    const site = await startBoth(t)
    const shown = await browser.open(`${site.url}/page.html`)
    const token = mintJwt(secrets.jwt, { channels: ['news.*'] })
    await shown.evaluate(`void follow('', 'news.sports', '${token}')`)
    await until('the stream to open', async () => (await notesOf(shown)).opens === 1)
    for (let n = 1; n <= messages / 2; n++) await publish(site, 'news.sports', n)
    // The page knows no position before its first message.
    await until('a message', async () => (await notesOf(shown)).seen.length > 0)
    let accepted = messages / 2
    const publishing = (async () => {
      while (accepted < messages * 0.75) {
        await publish(site, 'news.sports', accepted + 1)
        accepted++
      }
    })()
    await site.restart()
    await publishing
    for (let n = accepted + 1; n <= messages; n++) await publish(site, 'news.sports', n)
    await until('all messages', async () => (await notesOf(shown)).seen.length >= messages)
    const notes = await notesOf(shown)
    t.diagnostic(`${notes.opens} streams, states at errors: ${notes.states.join()}`)
    assertComplete(notes)
    ok(notes.opens >= 2)
    await ends(site.daemon)
  })

  test('a page with a cookie leaves coming back to its browser, and misses nothing either', async t => {
    const site = await startBoth(t)
    const shown = await browser.open(`${site.url}/page.html`)
    const token = mintJwt(secrets.jwt, { channels: ['news'] })
    await shown.evaluate(`document.cookie = 'pushy=${token}; path=/channels/; SameSite=Strict'`)
    await shown.evaluate(`void listen('/channels/news/stream')`)
    await until('the stream to open', async () => (await notesOf(shown)).opens === 1)
    // It has the position that the stream began with, though it saw no message.
    await site.restart()
    for (let n = 1; n <= messages / 2; n++) await publish(site, 'news', n)
    await until('half of the messages', async () => (await notesOf(shown)).seen.length >= messages / 2)
    await site.restart()
    for (let n = messages / 2 + 1; n <= messages; n++) await publish(site, 'news', n)
    await until('all messages', async () => (await notesOf(shown)).seen.length >= messages)
    const notes = await notesOf(shown)
    t.diagnostic(`${notes.opens} streams, states at errors: ${notes.states.join()}`)
    assertComplete(notes)
    ok(notes.opens >= 3)
    deepEqual([...new Set(notes.states)], [0], 'the browser never gave up')
    await ends(site.daemon)
  })

  test('a page for which there is no room comes again by itself until there is', async t => {
    const site = await startBoth(t, { workers: 1, environment: { RINGCAST_PUSHY_STREAMS_MAX: '1' } })
    const [first, second] = [
      await browser.open(`${site.url}/page.html`),
      await browser.open(`${site.url}/page.html`),
    ]
    const token = mintJwt(secrets.jwt, { channels: ['news'] })
    await first.evaluate(`document.cookie = 'pushy=${token}; path=/channels/; SameSite=Strict'`)
    await first.evaluate(`void (window.source = listen('/channels/news/stream'))`)
    await until('the first stream', async () => (await notesOf(first)).opens === 1)
    await second.evaluate(`void listen('/channels/news/stream')`)
    await until('it to be put off', async () => (await notesOf(second)).states.length > 0)
    const counted = async (name: string) => (await site.daemon.statistics())[0]?.['pushy']?.[name]
    ok(Number(await counted('streamsMaxExceeded')) >= 1)
    await first.evaluate('source.close()')
    await until('the second stream', async () => (await counted('streamsOpened')) === 2)
    await publish(site, 'news', 1)
    await until('the message', async () => (await notesOf(second)).seen.length === 1)
    deepEqual([...new Set((await notesOf(second)).states)], [0])
    await ends(site.daemon)
  })

  test('a page of another origin is kept out until its origin is listed', async t => {
    const site = await startBoth(t)
    const own = await browser.open(`${site.url}/page.html`)
    const foreign = await browser.open(`${site.foreignUrl}/page.html`)
    const token = mintJwt(secrets.jwt, { channels: ['news'] })
    const ask = `ticketFor('${site.url}', 'news', '${token}')`
    const open = (ticket: unknown) =>
      foreign.evaluate(`void listen('${site.url}/channels/news/stream?ticket=${ticket}')`)
    const outcomeOf = (shown: Page) => shown.evaluate(`${ask}.then(() => 'a ticket', String)`)
    equal(await outcomeOf(own), 'a ticket')
    equal(await outcomeOf(foreign), 'TypeError: Failed to fetch')
    // Nor does somebody else's ticket help.
    await open(await own.evaluate(ask))
    await until('it to be refused', async () => (await notesOf(foreign)).states.length > 0)
    const refused = await notesOf(foreign)
    deepEqual([refused.opens, refused.states], [0, [2]])

    await site.allow([site.foreignUrl])
    equal(await outcomeOf(foreign), 'a ticket')
    await open(await foreign.evaluate(ask))
    await until('the stream to open', async () => (await notesOf(foreign)).opens === 1)
    await publish(site, 'news', 1)
    await until('the message', async () => (await notesOf(foreign)).seen.length === 1)
    await ends(site.daemon)
  })
})
