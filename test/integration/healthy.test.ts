// `ringcast healthy` against nodes of every kind, and against what is none.
import { deepEqual, equal, match } from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import * as registry from '../../src/frontends/registry.ts'
import { variableOf } from '../../src/settings/names.ts'
import { runCommand, startCommand } from '../helpers/command.ts'
import { secrets, startDaemon } from '../helpers/daemon.ts'
import { until } from '../helpers/until.ts'

const names = Object.keys(registry)
const [first = ''] = names

/** What each needs beside addresses. */
const inPlaceOf = Object.entries({
  rpushd: { RPUSHD_SECRET: secrets.subscribe, RPUSHD_PUBLISH_SECRET: secrets.publish },
  pushy: { AUTH_SECRET_KEY: secrets.jwt },
  pinghub: { RINGCAST_PINGHUB_METRICS_LISTEN: 'off' },
} satisfies Record<string, Readonly<Record<string, string>>>).filter(([name]) => names.includes(name))

/** Where no other test listens, whichever ports are free there. */
const remote = '127.0.42.7'

/** Nobody listens at any of them: whatever else runs on this machine is not asked. */
async function nowhere(): Promise<Record<string, string>> {
  const places = ['admin', ...names].map(async name => {
    return [variableOf(name, 'listen'), `${remote}:${await freePort()}`]
  })
  return Object.fromEntries(await Promise.all(places))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, remote)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of a listening TCP server
  server.close()
  await once(server, 'close')
  return port
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}` // as above
}

async function healthy(environment: Record<string, string>, ...flags: readonly string[]) {
  const { code, out, errors } = await runCommand(['healthy', ...flags], { environment })
  return { code, said: out + errors }
}

describe('a node', () => {
  test('is healthy where its admin listener says so, by variable or flag, and not when it is gone', async t => {
    const daemon = await startDaemon({ workers: 1 })
    t.after(() => daemon.process.kill('SIGKILL'))
    const admin = daemon.address('admin')
    const environment = await nowhere()
    const expected = { code: 0, said: `${admin} serves\n` }
    deepEqual(await healthy({ ...environment, RINGCAST_ADMIN_LISTEN: admin }), expected)
    deepEqual(await healthy(environment, '--admin.listen', admin), expected)
    equal((await healthy(environment)).code, 1)
    equal(await daemon.stop(), 0)
    const gone = await healthy({ ...environment, RINGCAST_ADMIN_LISTEN: admin })
    equal(gone.code, 1)
    match(gone.said, new RegExp(`^ringcast: nobody listens at ${admin}$`, 'm'))
  })

  test('is healthy by a unix socket', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'healthy-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const environment = { ...(await nowhere()), RINGCAST_ADMIN_LISTEN: `unix:${join(folder, 'admin')}` }
    match((await healthy(environment)).said, /^ringcast: nobody listens at unix:/)
    const daemon = await startDaemon({ workers: 1, environment: { ...environment, RINGCAST_ONLY: first } })
    t.after(() => daemon.process.kill('SIGKILL'))
    deepEqual(await healthy(environment), { code: 0, said: `unix:${join(folder, 'admin')} serves\n` })
    equal(await daemon.stop(), 0)
  })

  for (const [name, variables] of inPlaceOf) {
    test(`in place of ${name} is healthy without an admin listener`, async t => {
      const { RINGCAST_ADMIN_LISTEN = '', ...places } = await nowhere()
      const own = `RINGCAST_${name.toUpperCase()}_LISTEN`
      const environment = { ...places, ...variables, RINGCAST_WORKERS: '1' }
      const node = startCommand([name], { environment })
      t.after(() => node.process.kill('SIGKILL'))
      await until('the node to be ready', () => {
        equal(node.process.exitCode, null, node.errors())
        return node.out().includes('"msg":"ready"')
      })
      // As in a container that was made for another protocol.
      const asked = {
        ...environment,
        RINGCAST_ADMIN_LISTEN,
        RINGCAST_ONLY: names.find(other => other !== name) ?? '',
      }
      deepEqual(await healthy(asked), { code: 0, said: `${places[own]} serves\n` })
      node.process.kill('SIGTERM')
      equal(await node.ended, 0)
      equal((await healthy(asked)).code, 1)
    })
  }

  if (names.includes('pushy')) {
    test('in place of another program is found by the variables of that', async t => {
      const place = await serve(t, (_, response) => response.writeHead(401).end())
      const { RINGCAST_PUSHY_LISTEN: _, ...environment } = await nowhere()
      const port = place.split(':')[1] ?? ''
      const found = {
        ...environment,
        AUTH_SECRET_KEY: secrets.jwt,
        PORT: port,
        RINGCAST_ONLY: names.find(name => name !== 'pushy') ?? '',
      }
      deepEqual(await healthy(found), { code: 0, said: `${place} serves\n` })
    })
  }
})

describe('what answers', () => {
  const cases: readonly (readonly [status: number, body: string, said: RegExp])[] = [
    [200, '{}', /serves\n$/],
    [
      503,
      '{"status":"not-ready","reasons":[{"code":"x","text":"1 of 2 workers do not serve"}]}',
      /does not serve: 1 of 2 workers do not serve\n$/,
    ],
    [503, '', /does not serve: status 503\n$/],
    [404, '', /does not serve: status 404\n$/],
  ]
  test('as the admin listener is ready, or not healthy with its reason', async t => {
    for (const [status, body, said] of cases) {
      const place = await serve(t, (request, response) => {
        deepEqual([request.url, request.headers.host], ['/readyz', 'localhost'])
        response.writeHead(status).end(body)
      })
      const answer = await healthy({ ...(await nowhere()), RINGCAST_ADMIN_LISTEN: place })
      equal(answer.code, status === 200 ? 0 : 1)
      match(answer.said, said)
    }
  })

  test('as a protocol is healthy unless it fails', async t => {
    for (const [status, code] of [
      [404, 0],
      [499, 0],
      [500, 1],
    ] as const) {
      const place = await serve(t, (_, response) => response.writeHead(status).end())
      const environment = {
        ...(await nowhere()),
        [variableOf(first, 'listen')]: place,
        RINGCAST_ADMIN_LISTEN: 'off',
      }
      equal((await healthy(environment)).code, code, `${status}`)
    }
  })

  test('in time or not at all', async t => {
    const place = await serve(t, () => {})
    const environment = { ...(await nowhere()), RINGCAST_ADMIN_LISTEN: place }
    deepEqual(await healthy(environment, '--timeout', '100'), {
      code: 1,
      said: `ringcast: ${place} gave no answer within 100 ms\n`,
    })
    for (const [timeout, code] of [
      ['0', 2],
      ['1', 1],
      ['60001', 2],
      ['soon', 2],
    ] as const) {
      equal((await healthy(environment, `--timeout=${timeout}`)).code, code, timeout)
    }
    const quick = await serve(t, (_, response) => response.end())
    equal((await healthy(environment, '--timeout=60000', '--admin.listen', quick)).code, 0)
  })

  test('is not asked where the settings have a mistake, or no address', async () => {
    const wrong = await healthy({ RINGCAST_WORKERS: 'many' })
    deepEqual([wrong.code, wrong.said.includes('RINGCAST_WORKERS must be')], [1, true])
    const off = Object.fromEntries(Object.keys(await nowhere()).map(name => [name, 'off']))
    const none = await healthy({ ...off, RPUSHD_SECRET: 'x' })
    deepEqual(none, { code: 1, said: 'ringcast: no address is known to ask; set RINGCAST_ADMIN_LISTEN\n' })
  })
})
