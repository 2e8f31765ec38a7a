// The playground of a node in development, without a browser: what the admin listener serves and to whom, and the lines that
// it tells people to copy.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, describe, type TestContext, test } from 'node:test'
import { frontends } from '../../src/app/worker.ts'
import * as registry from '../../src/frontends/registry.ts'
import type { PlayData } from '../../src/playground/entry.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { development } from '../helpers/development.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { handshake } from '../helpers/raw-websocket.ts'
import { until } from '../helpers/until.ts'

const names = frontends.filter(({ play }) => play !== undefined).map(({ name }) => name)

const urlOf = (daemon: Daemon) => `http://${daemon.address('admin')}`

async function dataOf(url: string, channel = 'demo'): Promise<PlayData> {
  const response = await fetch(`${url}/play/data?channel=${encodeURIComponent(channel)}`)
  return (await response.json()) as PlayData // what the node makes it of
}

async function stops(daemon: Daemon): Promise<void> {
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}

/** Status of a request with these headers, some of which fetch would not send. */
async function statusOf(url: string, headers: Readonly<Record<string, string>>, isSocket = false) {
  const { host, pathname } = new URL(url)
  const plain = isSocket ? {} : { connection: 'close', upgrade: undefined }
  const client = new RawClient(host)
  client.send(handshake(pathname, { host, ...plain, ...headers }))
  await client.answers(1)
  client.leave()
  return client.statuses[0]
}

describe('the playground', () => {
  let daemon: Daemon
  let url: string
  before(async () => {
    daemon = await startDaemon({ workers: 2, environment: development })
    url = urlOf(daemon)
  })
  after(() => stops(daemon))

  test('is one page with what it needs, all of it from here, and says so in its policy', async () => {
    const page = await fetch(`${url}/play`)
    equal(page.status, 200)
    equal(page.headers.get('cache-control'), 'no-store')
    equal(page.headers.get('x-content-type-options'), 'nosniff')
    const policy = page.headers.get('content-security-policy') ?? ''
    ok(policy.includes("default-src 'none'") && !policy.includes('unsafe'), policy)
    const text = await page.text()
    equal(
      /https?:/.test(text.replaceAll('http://www.w3.org/', '')),
      false,
      'nothing is loaded from elsewhere',
    )
    const asked = new Set([...text.matchAll(/(?:src|href)="(\/play\/[^"]+)"/g)].map(([, path = '']) => path))
    const { protocols } = await dataOf(url)
    deepEqual(
      protocols.map(({ name }) => name),
      names,
    )
    for (const { module } of protocols) asked.add(module)
    for (const path of asked) {
      const part = await fetch(url + path)
      equal(part.status, 200, path)
      const found = [...(await part.text()).matchAll(/^import .*from '(.*)'$/gm)]
      for (const [, specifier = ''] of found) asked.add(new URL(specifier, url + path).pathname)
    }
    ok(asked.size >= 6, [...asked].join())
    equal((await fetch(`${url}/play/page.html/`)).status, 404)
    equal((await fetch(`${url}/play`, { method: 'POST' })).status, 405)
    equal((await fetch(`${url}/play/data?channel=${'x'.repeat(1_024)}`)).status, 200)
    equal((await fetch(`${url}/play/data?channel=${'x'.repeat(1_025)}`)).status, 400)
    match(daemon.printed.join('\n'), new RegExp(`ringcast is running.*\\n\\n {2}Open ${url}/play `))
    ok(daemon.printed.includes('  This node stands alone.'))
  })

  test('is for this machine and its own page: other hosts and origins are kept out, of the protocols too', async () => {
    const paths = ['/play', '/play/data', ...names.map(name => `/play/${name}/demo`)]
    for (const path of paths) {
      equal(await statusOf(url + path, { host: 'evil.example' }), 421, path)
      equal(await statusOf(url + path, { origin: 'http://evil.example' }), 403, path)
      equal(await statusOf(url + path, { origin: 'http://127.0.0.1:1' }), 403, path)
      equal(await statusOf(url + path, { 'sec-fetch-site': 'cross-site' }), 403, path)
    }
    const socket = `${url}/play/pinghub/demo`
    equal(await statusOf(socket, { origin: 'http://evil.example' }, true), 403)
    equal(await statusOf(socket, { origin: url }, true), 101)
    // The API has no pages.
    equal(await statusOf(`${url}/livez`, { origin: url }), 403)
    const own = await fetch(`${url}/play/pinghub/demo`, {
      method: 'POST',
      headers: { origin: url },
      body: 'x',
    })
    equal(own.status, 200)
  })

  test('goes through the rooms that serve the listeners: who may not, may not here; all is counted', async () => {
    const counted = async () => {
      const statistics = await daemon.statistics()
      const sum = (name: string, key: string) =>
        statistics.reduce((total, worker) => total + (worker[name]?.[key] ?? 0), 0)
      return [sum('pinghub', 'posts'), sum('rpushd', 'bearersRefused')]
    }
    const [posts = 0, refused = 0] = await counted()
    const headers = { 'content-type': 'application/json' }
    const body = '{"channel":"demo","message":1}'
    for (const [name, path, options, status] of [
      ['pushy', '/channels/demo/stream', {}, 401],
      ['pushy', '/publish/demo', { method: 'POST' }, 401],
      ['rpushd', '/healthz', {}, 200],
      ['rpushd', '/api/publish', { method: 'POST', headers, body }, 401],
      ['pinghub', '/demo', { method: 'POST', body: 'x' }, 200],
    ] as const) {
      if (isThere(name)) equal((await fetch(`${url}/play/${name}${path}`, options)).status, status, path)
    }
    deepEqual(await counted(), [posts + Number(isThere('pinghub')), refused + Number(isThere('rpushd'))])
  })

  test('tells lines for a shell that do what they say, whatever the channel is called', async t => {
    const channel = `it's $(x) a`
    const { protocols } = await dataOf(url, channel)
    for (const { name, curl } of protocols) {
      // A name that the protocol does not take is refused in its own words.
      const refusal = refusals[name]
      const subscriber = shell(t, curl.subscribe)
      const publish = async () => {
        const publisher = shell(t, curl.publish)
        equal(await publisher.ended, 0)
        match(publisher.out(), refusal ?? /^HTTP\/1\.1 20\d /m)
        return refusal !== undefined || /hello\W+world/.test(subscriber.out())
      }
      await until(`a message by ${name}`, publish)
    }
    const { protocols: plain } = await dataOf(url, 'demo')
    for (const { name, curl } of plain) {
      if (refusals[name] === undefined) continue
      const subscriber = shell(t, curl.subscribe)
      await until('a message', async () => {
        await shell(t, curl.publish).ended
        return /hello\W+world/.test(subscriber.out())
      })
    }
  })
})

/** Of a name with blanks and quotes. */
const refusals: Readonly<Record<string, RegExp>> = {
  pushwire: /channel not allowed: it's /,
  rpushd: /^HTTP\/1\.1 400 /m,
}

function isThere(name: string): boolean {
  return Object.hasOwn(registry, name)
}

function shell(t: TestContext, line: string): { out(): string; readonly ended: Promise<number | null> } {
  const child = spawn('sh', ['-c', `exec ${line}`], { stdio: ['ignore', 'pipe', 'ignore'] })
  const pieces: Buffer[] = []
  child.stdout.on('data', piece => pieces.push(piece))
  t.after(() => child.kill('SIGKILL'))
  return {
    out: () => Buffer.concat(pieces).toString(),
    ended: new Promise(resolve => child.on('close', resolve)),
  }
}
