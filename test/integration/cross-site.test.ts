// Pages of other sites in the browser of a developer whose node runs on the same machine: they reach every listener on
// loopback, and must neither publish nor listen by one that asks for no credential.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import * as registry from '../../src/frontends/registry.ts'
import { isChromiumMissing, type Page, startChromium } from '../helpers/chromium.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { development } from '../helpers/development.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { handshake } from '../helpers/raw-websocket.ts'
import { until } from '../helpers/until.ts'

const own = [
  undefined,
  'http://127.0.0.1:25950',
  'http://127.8.9.10',
  'http://localhost:3000',
  'HTTPS://LOCALHOST',
  'http://[::1]:8080',
  'http://app.localhost:5173',
]
const foreign = [
  '',
  'null',
  'file://',
  'http://evil.example',
  'http://127.0.0.1.evil.example',
  'http://localhost.evil.example:8081',
  'http://evil-localhost',
  'http://localhost@evil.example',
  'http://192.168.1.2:8081',
  'http://[::2]',
  'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
]

async function start(t: TestContext, environment: Readonly<Record<string, string | undefined>>) {
  const daemon = await startDaemon({ workers: 2, environment })
  t.after(() => daemon.process.kill('SIGKILL'))
  return daemon
}

async function stops(daemon: Daemon): Promise<void> {
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}

/** The answers to a WebSocket and to a POST. */
async function statusesOf(daemon: Daemon, origin: string | undefined): Promise<readonly unknown[]> {
  const statuses: unknown[] = []
  const post = {
    connection: 'close',
    upgrade: undefined,
    'content-length': '1',
    'content-type': 'text/plain',
  }
  for (const request of [
    handshake('/demo', { origin }),
    `${handshake('/demo', { ...post, origin }, 'POST')}x`,
  ]) {
    const client = new RawClient(daemon.address('pinghub')).send(request)
    await client.answers(1)
    client.leave()
    statuses.push(client.statuses[0])
  }
  return statuses
}

async function counted(daemon: Daemon, room: string, key: string): Promise<number> {
  const all = await daemon.statistics()
  return all.reduce((sum, worker) => sum + (worker[room]?.[key] ?? 0), 0)
}

const openLines = ({ log }: Daemon) => log.filter(({ code }) => code === 'origins-open')

describe('pinghub in development', () => {
  test('takes WebSockets and posts from pages of this machine and from programs, and from nobody else', async t => {
    const daemon = await start(t, { ...development, RINGCAST_ONLY: 'pinghub' })
    for (const origin of own) deepEqual(await statusesOf(daemon, origin), [101, 200], origin)
    for (const origin of foreign) deepEqual(await statusesOf(daemon, origin), [403, 403], origin)
    equal(await counted(daemon, 'shard', 'publications'), own.length)
    equal(await counted(daemon, 'pinghub', 'refused.origin-refused'), 2 * foreign.length)
    equal(openLines(daemon).length, 0)
    await stops(daemon)
  })

  test('goes by its list where there is one, for posts too', async t => {
    const origins = 'https://app.example'
    const environment = { ...development, RINGCAST_ONLY: 'pinghub', RINGCAST_PINGHUB_ORIGINS: origins }
    const daemon = await start(t, environment)
    deepEqual(await statusesOf(daemon, 'https://app.example'), [101, 200])
    deepEqual(await statusesOf(daemon, undefined), [101, 200])
    for (const origin of ['http://localhost:3000', 'null', 'https://evil.example']) {
      deepEqual(await statusesOf(daemon, origin), [403, 403], origin)
    }
    await stops(daemon)
  })
})

describe('pinghub in production', () => {
  test('takes pages of any site where it has no list, as the original does, and says so once', async t => {
    const daemon = await start(t, { RINGCAST_ONLY: 'pinghub' })
    for (const origin of foreign) deepEqual(await statusesOf(daemon, origin), [101, 200], origin)
    deepEqual(
      openLines(daemon).map(({ level, protocol, thread }) => [level, protocol, thread]),
      [[40, 'pinghub', 'primary']],
    )
    await stops(daemon)
  })

  test('judges WebSockets alone by its list, and is silent about it', async t => {
    const environment = { RINGCAST_ONLY: 'pinghub', RINGCAST_PINGHUB_ORIGINS: 'https://app.example' }
    const daemon = await start(t, environment)
    deepEqual(await statusesOf(daemon, 'https://app.example'), [101, 200])
    deepEqual(await statusesOf(daemon, 'https://evil.example'), [403, 200])
    equal(openLines(daemon).length, 0)
    await stops(daemon)
  })
})

/** A site with one empty page; its port. */
async function servePage(t: TestContext): Promise<number> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>page</title>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port // a TCP server that listens has one
}

/** `open`, or `closed` and the code. */
const connect = (page: Page, url: string) =>
  page.evaluate(`new Promise(done => {
    const socket = new WebSocket('${url}')
    socket.onopen = () => { done('open'); socket.close() }
    socket.onclose = ({ code }) => done('closed ' + code)
  })`)

/** Whatever a page may send without asking: it never learns the answer. */
const post = (page: Page, url: string, body = '{"channel":"demo","message":1,"data":{"n":1}}') =>
  page.evaluate(`fetch('${url}', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '${body}' })
    .then(({ type }) => type, String)`)

/** Admin is with every node. */
const isThere = (name: string) => name === 'admin' || Object.hasOwn(registry, name)

describe('a page in chromium', { skip: isChromiumMissing() }, () => {
  test('of another site neither publishes nor listens by any listener; one of this machine may by pinghub', async t => {
    const daemon = await start(t, development)
    const browser = await startChromium(['evil.example'])
    t.after(() => browser.stop())
    const port = await servePage(t)
    const at = (name: string) => daemon.address(name)
    const targets = [
      ['pinghub', `${at('pinghub')}/demo`],
      ['rpushd', `${at('rpushd')}/api/publish`],
      ['pushy', `${at('pushy')}/publish/demo`],
      ['pushy', `${at('pushy')}/token`],
      ['admin', `${at('admin')}/v1/publications`],
      ['pinghub', `${at('admin')}/play/pinghub/demo`],
      ['rpushd', `${at('admin')}/play/rpushd/api/publish`],
    ] as const
    const evil = await browser.open(`http://evil.example:${port}/`)
    for (const [name, target] of targets) {
      if (isThere(name)) equal(await post(evil, `http://${target}`), 'opaque', target)
    }
    for (const target of [`${at('pinghub')}/demo`, `${at('admin')}/play/pinghub/demo`]) {
      equal(await connect(evil, `ws://${target}`), 'closed 1006', target)
    }
    // What can be read without a credential stays unread, too.
    for (const [name, path] of [
      ['rpushd', `${at('rpushd')}/api/stats`],
      ['admin', `${at('admin')}/metrics`],
      ['admin', `${at('admin')}/play/data`],
    ] as const) {
      if (!isThere(name)) continue
      equal(await evil.evaluate(`fetch('http://${path}').then(() => 'read', () => 'kept')`), 'kept', path)
    }
    equal(await counted(daemon, 'shard', 'publications'), 0)
    ok((await counted(daemon, 'pinghub', 'refused.origin-refused')) >= 2)

    const local = await browser.open(`http://localhost:${port}/`)
    equal(await connect(local, `ws://${at('pinghub')}/demo`), 'open')
    equal(await post(local, `http://${at('pinghub')}/demo`), 'opaque')
    await until('the publication', async () => (await counted(daemon, 'shard', 'publications')) === 1)
    await stops(daemon)
  })

  test('under a name that was bound to this machine is of another site, although it came from the listener', async t => {
    const daemon = await start(t, { ...development, RINGCAST_ONLY: 'pinghub' })
    const browser = await startChromium(['evil.example'])
    t.after(() => browser.stop())
    const site = daemon.address('pinghub').replace('127.0.0.1', 'evil.example')
    const rebound = await browser.open(`http://${site}/demo`)
    equal(await connect(rebound, `ws://${site}/demo`), 'closed 1006')
    equal(
      await rebound.evaluate(`fetch('/demo', { method: 'POST', body: 'x' }).then(({ status }) => status)`),
      403,
    )
    equal(await counted(daemon, 'shard', 'publications'), 0)
    await stops(daemon)
  })
})
