// The doors of GRIP on several workers, and where it goes by itself (issue 15): a second daemon at one address fails loudly, and
// links lead nowhere but to places that routes name.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createAuthority } from '../../helpers/certificates.ts'
import { launch } from '../../helpers/daemon.ts'
import { doorOf, gripEnvironment, startGrip } from '../../helpers/grip-stage.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { headerOf } from '../../helpers/raw-http.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'

const held = 'HTTP/1.1 200 OK\r\nGrip-Hold: stream\r\nGrip-Channel: c\r\n'

describe('a second daemon', () => {
  test('at any address of the first one fails, and names it', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'grip-doors-'))
    t.after(() => rmSync(folder, { recursive: true }))
    // The files are named after the port, so it has to be known before.
    const lent = await startGrip(t, { routes: '* test', workers: 1 })
    const tls = lent.client
    await lent.daemon.stop()
    const certificate = createAuthority(t).issue('DNS:t', 'IP:127.0.0.1')
    const [, port = ''] = tls.split(':')
    copyFileSync(certificate.certPath, join(folder, `default_${port}.crt`))
    copyFileSync(certificate.keyPath, join(folder, `default_${port}.key`))
    const path = join(folder, 'clients.sock')
    const addresses = {
      RINGCAST_GRIP_TLS_LISTEN: tls,
      RINGCAST_GRIP_TLS_CERTIFICATES: folder,
      RINGCAST_GRIP_LOCAL_LISTEN: path,
    }
    const stage = await startGrip(t, { routes: '* test', workers: 3, environment: addresses })
    const doors: readonly [variable: string, value: string, named: string][] = [
      ['RINGCAST_GRIP_LISTEN', stage.client, stage.client],
      ['RINGCAST_GRIP_CONTROL_LISTEN', stage.control, stage.control],
      ['RINGCAST_GRIP_TLS_LISTEN', tls, tls],
      ['RINGCAST_GRIP_LOCAL_LISTEN', path, path],
    ]
    equal(doorOf(stage.daemon, 'tls'), tls)
    for (const [variable, value, named] of doors) {
      const second = launch({
        workers: 2,
        environment: {
          ...gripEnvironment,
          RINGCAST_GRIP_ROUTES_TEXT: '* test',
          RINGCAST_GRIP_TLS_CERTIFICATES: folder,
          [variable]: value,
        },
      })
      t.after(() => second.process.kill('SIGKILL'))
      equal(await second.ended, 1, variable)
      equal(second.errors.length, 1)
      ok(second.errors[0]?.includes(named), second.errors[0])
      ok(second.errors[0]?.includes(variable), second.errors[0])
    }
    // Nobody was taken away from the first one.
    for (let count = 0; count < 20; count++) {
      const client = stage.get('/')
      equal((await client.answer()).status, 200)
      client.leave()
    }
    const local = new RawClient({ path }).send('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
    equal((await local.answer()).status, 200)
    local.leave()
    equal(await stage.daemon.stop(), 0)
    deepEqual(stage.daemon.errors, [])
  })
})

describe('a link', () => {
  test('to a place that no route names is not followed', async t => {
    const [origin, stranger] = [await RawOrigin.open(), await RawOrigin.open()]
    t.after(() => origin.close())
    t.after(() => stranger.close())
    const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1 })
    const [, port] = stranger.address.split(':')
    const links = [
      `http://${stranger.address}/x`,
      `http://localhost:${port}/x`,
      `http://[::1]:${port}/x`,
      `http://0x7f000001:${port}/x`,
      `http://127.1:${port}/x`,
      `//${stranger.address}/x`,
      `http://t@${stranger.address}/x`,
      `http://${stage.control}/recover/`,
      'http://169.254.169.254/latest/meta-data/',
      'file:///etc/passwd',
      'http://',
    ]
    for (const [index, link] of links.entries()) {
      const path = `/link-${index}`
      const body = `${held}Grip-Link: <${link}>; rel=next; timeout=0\r\nContent-Length: 6\r\n\r\nfirst\n`
      origin.script({ path, answers: [{ pieces: [body] }] })
      const client = stage.get(path)
      const head = await client.head()
      if (head.status === 200) {
        equal(String(await client.chunk()), 'first\n')
        equal(await client.chunk(), undefined)
        ok(client.hasLastChunk, 'it ends in order')
      } else equal(head.status, 502)
      client.leave()
      const told = `/gone-${index}`
      origin.script({
        path: told,
        answers: [{ pieces: [`${held}Grip-Link: <${link}>; rel=gone\r\nContent-Length: 6\r\n\r\nfirst\n`] }],
      })
      const gone = stage.get(told)
      await gone.head()
      gone.leave()
    }
    await until('all to be gone', async () => (await stage.count('holds')) === 0)
    equal(await stage.count('goneTold'), 0)
    deepEqual(stranger.requests, [])
    equal(await stage.daemon.stop(), 0)
    deepEqual(stage.daemon.errors, [])
  })

  test('is followed to the places of routes, whatever else listens on their machine', async t => {
    const [origin, other] = [await RawOrigin.open(), await RawOrigin.open()]
    t.after(() => origin.close())
    t.after(() => other.close())
    const routes = `other.example ${other.address}\n* ${origin.address}`
    const stage = await startGrip(t, { routes, workers: 1 })
    origin.script({
      path: '/a',
      answers: [
        {
          pieces: [
            `${held}Grip-Link: <http://${other.address}/next>; rel=next; timeout=0\r\nContent-Length: 6\r\n\r\nfirst\n`,
          ],
        },
      ],
    })
    other.script({
      path: '/next',
      answers: [{ pieces: ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlast\n'] }],
    })
    const client = stage.get('/a')
    await client.received('last\n')
    equal(other.requests.length, 1)
  })

  test('of an untrusted origin leads to no private address', async t => {
    const [origin, other] = [await RawOrigin.open(), await RawOrigin.open()]
    t.after(() => origin.close())
    t.after(() => other.close())
    const [, port = ''] = origin.address.split(':')
    const routes = [
      `u.example ${origin.address},untrusted`,
      `n.example localhost:${port},untrusted`,
      `other.example ${other.address}`,
      `* ${origin.address}`,
    ].join('\n')
    const stage = await startGrip(t, { routes, workers: 1 })
    for (const host of ['u.example', 'n.example']) {
      const client = stage.get('/', [['host', host]])
      equal((await client.answer()).status, 502, host)
      client.leave()
    }
    deepEqual(origin.requests, [])
  })

  test('a redirect is the client’s to follow', async t => {
    const [origin, stranger] = [await RawOrigin.open(), await RawOrigin.open()]
    t.after(() => origin.close())
    t.after(() => stranger.close())
    const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1 })
    const moved = `HTTP/1.1 302 Found\r\nLocation: http://${stranger.address}/x\r\nContent-Length: 0\r\n\r\n`
    origin.script({ path: '/moved', answers: [{ pieces: [moved] }] })
    const answer = await stage.get('/moved').answer()
    equal(answer.status, 302)
    match(headerOf(answer, 'location') ?? '', /\/x$/)
    deepEqual(stranger.requests, [])
  })
})
