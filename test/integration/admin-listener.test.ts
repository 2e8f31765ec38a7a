// Who is answered on the admin listener, health while the node runs and stops, and metrics of a node at work.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { undescribedPrefix } from '../../src/admin/metrics.ts'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { readExposition, totalOf } from '../helpers/exposition.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { until } from '../helpers/until.ts'

const listen = { RINGCAST_ADMIN_LISTEN: '127.0.0.1:0' }
const origin = 'https://ops.example.org'

describe('the admin listener', () => {
  let daemon: Daemon
  let admin: AdminClient

  before(async () => {
    const environment = {
      ...listen,
      RINGCAST_ADMIN_SECRET: adminSecret,
      RINGCAST_ADMIN_HOSTS: 'ops.example.org',
      RINGCAST_ADMIN_ORIGINS: origin,
    }
    daemon = await startDaemon({ workers: 3, environment })
    admin = new AdminClient(daemon.address('admin'))
  })

  after(async () => {
    admin.leave()
    equal(await daemon.stop(), 0)
  })

  const codeOf = async (path: string, headers: Record<string, string>, method = 'GET') => {
    const { status, json } = await admin.ask(path, { headers, method })
    return [status, json().code]
  }

  test('answers its own names on every path, and no other', async () => {
    for (const path of ['/livez', '/readyz', '/metrics', '/v1/node', '/nowhere']) {
      deepEqual(await codeOf(path, { host: 'evil.example' }), [421, 'host-not-allowed'], path)
      deepEqual(await codeOf(path, { origin: 'https://evil.example' }), [403, 'origin-not-allowed'], path)
      deepEqual(await codeOf(path, { 'sec-fetch-site': 'cross-site' }), [403, 'origin-not-allowed'], path)
    }
    for (const host of ['localhost', 'Ops.Example.Org:80', '192.0.2.1', '[2001:db8::1]:7878']) {
      equal((await admin.ask('/livez', { headers: { host } })).status, 200, host)
    }
  })

  test('lets pages of a listed origin read, and asks nothing of their preflight', async () => {
    const { status, headers } = await admin.ask('/v1/node', {
      headers: { origin, 'sec-fetch-site': 'cross-site' },
    })
    deepEqual([status, headers['access-control-allow-origin'], headers['vary']], [200, origin, 'origin'])
    const asked = { origin, authorization: '', 'access-control-request-method': 'POST' }
    const preflight = await admin.ask('/v1/publications', { method: 'OPTIONS', headers: asked })
    deepEqual([preflight.status, preflight.headers['access-control-allow-methods']], [204, 'POST'])
    match(String(preflight.headers['access-control-allow-headers']), /authorization, content-type/)
    equal((await admin.ask('/nowhere', { method: 'OPTIONS', headers: asked })).status, 404)
    const refused = await admin.ask('/v1/node', { headers: { origin, authorization: '' } })
    deepEqual([refused.status, refused.headers['access-control-allow-origin']], [401, origin])
    equal((await admin.ask('/livez')).headers['access-control-allow-origin'], undefined)
    equal((await admin.ask('/livez', { method: 'OPTIONS' })).status, 405)
  })

  test('asks for the secret under /v1 only, of strangers before anything else', async () => {
    for (const path of ['/v1/node', '/v1/channels/a', '/v1', '/v1/nowhere']) {
      for (const authorization of ['', 'Bearer wrong', `Basic ${adminSecret}`, `Bearer ${adminSecret}x`]) {
        const answer = await admin.ask(path, { headers: { authorization }, method: 'DELETE' })
        deepEqual([answer.status, answer.headers['www-authenticate']], [401, 'Bearer'], path)
      }
    }
    for (const path of ['/livez', '/readyz', '/metrics']) {
      equal((await admin.ask(path, { headers: { authorization: '' } })).status, 200, path)
    }
  })

  test('has no other paths and methods, and numbers every answer', async () => {
    deepEqual(await codeOf('/nowhere', {}), [404, 'route-unknown'])
    for (const name of ['%ff', '%01', '%01pushwire%01x'])
      deepEqual(await codeOf(`/v1/channels/${name}`, {}), [400, 'channel-invalid'])
    const answers = [
      await admin.ask('/v1/publications'),
      await admin.ask('/v1/node', { method: 'POST', body: {} }),
      await admin.ask('/metrics', { method: 'PUT', body: {} }),
    ]
    deepEqual(
      answers.map(({ status, headers }) => [status, headers.allow]),
      [
        [405, 'POST'],
        [405, 'GET, HEAD'],
        [405, 'GET, HEAD'],
      ],
    )
    const numbers = answers.map(({ headers }) => String(headers['x-request-id']))
    for (const number of numbers) match(number, /^[0-9a-f]{16}$/)
    equal(new Set(numbers).size, numbers.length)
  })

  test('says that it lives and is ready, also to HEAD', async () => {
    deepEqual((await admin.ask('/livez')).json(), { status: 'live' })
    deepEqual((await admin.ask('/readyz')).json(), { status: 'ready', reasons: [] })
    for (const path of ['/livez', '/readyz', '/metrics']) {
      const { status, text } = await admin.ask(path, { method: 'HEAD' })
      deepEqual([status, text], [200, ''], path)
    }
  })

  test('shows what happened before the scrape, by strict lines', async () => {
    const scrape = async () => {
      const { status, headers, text } = await admin.ask('/metrics')
      equal(status, 200)
      match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
      return readExposition(text)
    }
    const before = await scrape()
    const events = await admin.follow('counted')
    await events.next()
    for (const data of [1, 2, 3]) equal((await admin.publish({ channel: 'counted', data })).status, 200)
    equal((await admin.publish({})).status, 422)
    const now = await scrape()
    const moved = (name: string) => totalOf(now, name) - totalOf(before, name)
    equal(moved('ringcast_admin_publications_total'), 3)
    equal(moved('ringcast_admin_published_bytes_total'), 3)
    equal(moved('ringcast_shard_publications_total'), 3)
    equal(moved('ringcast_admin_streams_opened_total'), 1)
    equal(moved('ringcast_hub_subscribers'), 1)
    equal(moved('ringcast_admin_refusals_total'), 1)
    equal(moved('ringcast_admin_requests_total'), 6)
    const refusals = [...(now.get('ringcast_admin_refusals_total')?.samples ?? [])]
    ok(refusals.some(([labels, value]) => labels.endsWith('reason="json-shape"') && value > 0))
    equal(totalOf(now, 'ringcast_workers_serving'), 3)
    equal(totalOf(now, 'ringcast_workers_answered'), 3)
    equal(totalOf(now, 'ringcast_draining'), 0)
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_open_fds']) {
      ok(totalOf(now, name) > 0, name)
    }
    ok(totalOf(now, 'process_max_fds') >= totalOf(now, 'process_open_fds'))
    equal(totalOf(now, 'ringcast_build_info'), 1)
  })

  test('describes every number that the node has', async () => {
    const families = readExposition((await admin.ask('/metrics')).text)
    const strangers = [...families.keys()].filter(name => name.startsWith(undescribedPrefix))
    deepEqual(strangers, [], 'each needs a row: in `metrics` of its front-end, or in src/admin')
  })
})

test('without a secret the API is off, health is not', async t => {
  const daemon = await startDaemon({ workers: 1, environment: listen })
  t.after(() => daemon.stop())
  const admin = new AdminClient(daemon.address('admin'))
  const answer = await admin.ask('/v1/node')
  deepEqual([answer.status, answer.json().code], [403, 'api-disabled'])
  match(answer.json().detail, /RINGCAST_ADMIN_SECRET/)
  equal((await admin.ask('/readyz')).status, 200)
})

test('a secret is changed without a restart, and streams stay', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'ringcast-admin-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'secret')
  writeFileSync(file, 'an-older-operator-81')
  const daemon = await startDaemon({
    workers: 3,
    environment: { ...listen, RINGCAST_ADMIN_SECRET_FILE: file },
  })
  t.after(() => daemon.stop())
  const admin = new AdminClient(daemon.address('admin'))
  t.after(() => admin.leave())
  const old = { authorization: 'Bearer an-older-operator-81' }
  const events = await admin.follow('kept', '', old)
  equal((await events.next()).name, 'open')
  writeFileSync(file, `${adminSecret}\n`)
  daemon.process.kill('SIGHUP')
  // A connection of its own each: all workers must have heard of it.
  const statuses = async (headers: Record<string, string>) =>
    Promise.all([1, 2, 3].map(async () => (await admin.ask('/v1/node', { headers })).status))
  await until('the new secret', async () => (await statuses({})).every(status => status === 200))
  deepEqual(await statuses(old), [401, 401, 401])
  equal((await admin.publish({ channel: 'kept', data: 1 })).status, 200)
  equal((await events.next()).data, '{"data":1}')
})

test('a stopping node is not ready, and ends its streams with a word', async t => {
  const daemon = await startDaemon({
    workers: 3,
    environment: { ...listen, RINGCAST_ADMIN_SECRET: adminSecret, RINGCAST_DRAIN_SPREAD_MS: '1500' },
  })
  t.after(() => daemon.stop())
  const probe = new RawClient(daemon.address('admin'))
  t.after(() => probe.leave())
  const ask = () => probe.send('GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n')
  ask()
  await probe.received('{"status":"ready","reasons":[]}')
  const admin = new AdminClient(daemon.address('admin'))
  t.after(() => admin.leave())
  const events = await admin.follow('a')
  equal((await events.next()).name, 'open')
  const ended = daemon.stop()
  await until('the node to stop', () => daemon.log.some(({ msg }) => msg === 'stopping'))
  ask()
  await probe.received('"status":"not-ready","reasons":[{"code":"draining"')
  deepEqual(probe.statuses, [200, 503])
  deepEqual(await events.next(), { name: 'end', id: undefined, data: '{"reason":"draining"}' })
  await until('the stream to end', () => events.ended)
  equal(await ended, 0)
})
