// The proxy configurations that we ship, in the real proxies, in front of a real daemon: what is public works, at
// once, and what is private stays behind.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import type { Daemon } from '../../helpers/daemon.ts'
import { startFaulty } from '../../helpers/faulty/deaths.ts'
import { demand } from '../../helpers/faulty/demand.ts'
import { isMissing, type ProxyKind, shipped, startSite } from '../../helpers/proxies.ts'
import {
  ask,
  openStream,
  type PublicStream,
  publish,
  publishRequest,
} from '../../helpers/rpushd/proxy-clients.ts'
import { until } from '../../helpers/until.ts'

const files: Readonly<Record<ProxyKind, string>> = {
  nginx: 'nginx/ringcast-rpushd.conf',
  haproxy: 'haproxy/ringcast-rpushd.cfg',
  apache: 'apache/ringcast-rpushd.conf',
}

/** No heartbeat helps a frame on within a test. */
const environment = { RINGCAST_RPUSHD_HEARTBEAT_MS: '600000', RINGCAST_ONLY: 'rpushd,faulty' }
const frames = 20
const streams = 9

for (const [kind, file] of Object.entries(files) as [ProxyKind, string][]) {
  const skip = isMissing(kind)
  describe(`${kind} with deploy/${file}`, { skip }, () => {
    test('is public for health and streams, and each frame passes at once', async t => {
      const { daemon, site } = await startBoth(t, kind, file)
      const health = await ask(site, get('/push-daemon/healthz'))
      deepEqual([health.status, health.body.toString()], [200, '{"status":"ok"}'])
      const stream = await openStream(site, 'thread-posts:459')
      t.after(() => stream.connection.leave())
      equal((await stream.frames.read(2)).join('').length, 0, 'two heartbeats open a stream')
      const times: number[] = []
      for (let number = 0; number < frames; number++) {
        const from = performance.now()
        await publish(daemon.address('rpushd'), 'thread-posts:459', { number })
        equal(await stream.next(), `{"number":${number}}`)
        times.push(performance.now() - from)
      }
      const sorted = times.sort((a, b) => a - b).map(ms => ms.toFixed(1))
      t.diagnostic(`publish to frame: median ${sorted[frames / 2]} ms, most ${sorted.at(-1)} ms`)
      await stopAll(daemon)
    })

    test('knows a channel by its percent-encoded name', async t => {
      const { daemon, site } = await startBoth(t, kind, file)
      const stream = await openStream(site, 'a:b')
      const encoded = await openStream(site, 'a:b', '/push-daemon', 'a%3Ab')
      await publish(daemon.address('rpushd'), 'a:b', 1)
      deepEqual(await Promise.all([stream.next(), encoded.next()]), ['1', '1'])
      for (const one of [stream, encoded]) one.connection.leave()
      await stopAll(daemon)
    })

    test('answers 404 for what is private, and the daemon never hears of it', async t => {
      const origin = await startRecorder(t)
      const { address: site } = await startSite(t, kind, aimedAt(file, origin.address))
      equal((await ask(site, get('/push-daemon/healthz'))).status, 200)
      for (const request of hidden) {
        const { status } = await ask(site, request)
        equal(status, 404, `${request}`.split('\r\n')[0])
      }
      const outside = await ask(site, publishRequest('/api/publish', 'a', 1))
      ok(outside.status >= 400, 'a path without the prefix is none of the daemon')
      deepEqual([...new Set(origin.targets)], ['GET /healthz'], 'a health check of the proxy is welcome')
    })

    test('survives the death of a worker: its clients connect again and miss nothing more', async t => {
      const { daemon, site } = await startBoth(t, kind, file)
      const open = () => openStream(site, 'any')
      const all = await Promise.all(Array.from({ length: streams }, open))
      // About a third: a proxy that looks for health in between has its turn, too.
      const held = (await daemon.statistics())[1]?.['hub']?.['subscribers'] ?? 0
      ok(held > 0 && held < streams, `${held} of ${streams}`)
      const victim = await demand(daemon, 1, '/throw/turn')
      await until('streams to end', () => all.some(({ connection }) => connection.closed))
      await until('the new worker', () => daemon.log.some(({ msg }) => msg === 'a new worker serves'))
      victim.leave()
      await publish(daemon.address('rpushd'), 'any', 1)
      const again = new Set<PublicStream>()
      for (const [index, stream] of all.entries()) {
        // A stream that the death ended is opened again, as its client would.
        if ((await stream.next().catch(() => undefined)) === '1') continue
        stream.connection.leave()
        all[index] = await open()
        again.add(all[index])
      }
      equal(again.size, held)
      await publish(daemon.address('rpushd'), 'any', 2)
      // A new stream begins where its worker is, which may not have heard of the first message yet.
      const next = async (stream: PublicStream) => {
        const text = await stream.next()
        return again.has(stream) && text === '1' ? stream.next() : text
      }
      deepEqual(await Promise.all(all.map(next)), Array(streams).fill('2'))
      for (const { connection } of all) connection.leave()
      await stopAll(daemon)
    })
  })
}

/** Each is refused by the proxy itself. */
const hidden = [
  publishRequest('/push-daemon/api/publish', 'a', 1),
  publishRequest('/push-daemon/api/stream/../publish', 'a', 1),
  publishRequest('/push-daemon/api/stream/a/../../publish', 'a', 1),
  publishRequest('/push-daemon//api/publish', 'a', 1),
  publishRequest('/push-daemon/healthz/../api/publish', 'a', 1),
  get('/push-daemon/api/stats?format=json'),
  get('/push-daemon/metrics'),
  get('/push-daemon/'),
]

async function startBoth(t: TestContext, kind: ProxyKind, file: string) {
  const daemon = await startFaulty({ environment })
  t.after(() => daemon.process.kill('SIGKILL'))
  const { address: site } = await startSite(t, kind, aimedAt(file, daemon.address('rpushd')))
  return { daemon, site }
}

/** The file as shipped, but for the daemon's address. */
function aimedAt(file: string, address: string): string {
  return shipped(file).replaceAll('127.0.0.1:45831', address)
}

/** In the daemon's place, a server that answers everything with 200 and remembers what it was asked. */
async function startRecorder(t: TestContext) {
  const targets: string[] = []
  const server = createServer((request, response) => {
    targets.push(`${request.method} ${request.url}`)
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  return { targets, address: `127.0.0.1:${port}` }
}

async function stopAll(daemon: Daemon): Promise<void> {
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: site\r\n\r\n`
}
