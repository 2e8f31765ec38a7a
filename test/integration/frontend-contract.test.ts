// What a front-end declares beside its doors, by one that declares all that it can: defaults for its channels, and routes on
// the admin listener.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { frontends } from '../../src/app/worker.ts'
import { AdminClient, type AdminRequest, adminSecret } from '../helpers/admin-client.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'

const main = new URL('../helpers/whole/main.ts', import.meta.url)

const bodyBytesMax = 1_024

describe('a front-end that declares all that it can', () => {
  let daemon: Daemon
  let admin: AdminClient

  before(async () => {
    const lists = { RINGCAST_WHOLE_SUBSCRIBE: '*', RINGCAST_WHOLE_PUBLISH: '*' }
    const environment = {
      RINGCAST_ONLY: 'whole',
      RINGCAST_NAMESPACES: '[{"pattern":"kept.all.*","historySize":100}]',
      RINGCAST_ADMIN_SECRET: adminSecret,
      RINGCAST_ADMIN_BODY_BYTES_MAX: String(bodyBytesMax),
      ...lists,
    }
    daemon = await startDaemon({ main, workers: 2, environment })
    admin = new AdminClient(daemon.address('admin'))
  })

  after(async () => {
    equal(await daemon.stop(), 0)
    deepEqual(daemon.errors, [])
  })

  test('has its own defaults for channels, where the operator says nothing of them', async () => {
    const kept = async (channel: string) => {
      for (let n = 0; n < 5; n++) equal((await admin.publish({ channel, data: n })).status, 200)
      return (await admin.ask(`/v1/channels/${channel}/history`)).json().publications.length
    }
    deepEqual([await kept('kept.a'), await kept('kept.all.a'), await kept('other')], [3, 5, 0])
  })

  test('serves its routes on the admin listener', async () => {
    const created = await admin.ask('/v1/whole/notes', { method: 'POST', body: '"über"' })
    deepEqual([created.status, created.json()], [201, '"über"'])
    match(String(created.headers['x-request-id']), /^[0-9a-f]{16}$/)
    const note = await admin.ask('/v1/whole/notes/a%2Fb')
    deepEqual([note.status, note.json()], [200, { id: 'a/b', method: 'GET' }])
    const page = await admin.ask('/v1/whole/notes//pages/2', { method: 'HEAD' })
    deepEqual([page.status, page.text], [200, ''])
    const gone = await admin.ask('/v1/whole/notes/1', { method: 'DELETE' })
    deepEqual(gone.json(), { id: '1', method: 'DELETE' })
  })

  test('refuses there as the API does, with codes of its own', async () => {
    const { status, headers, json } = await admin.ask('/v1/whole/notes/none')
    deepEqual([status, headers['content-type']], [404, 'application/problem+json'])
    deepEqual(json(), {
      type: 'urn:ringcast:refusal:note-unknown',
      title: 'There is no such note',
      status: 404,
      code: 'note-unknown',
      detail: 'There is no such note.',
    })
  })

  test('is behind the rules of the listener: who asks, the secret, the path, the method and the bound of bodies', async () => {
    const codeOf = async (path: string, options: AdminRequest = {}) =>
      (await admin.ask(path, options)).json().code
    const headers = { authorization: 'Bearer wrong' }
    equal(await codeOf('/v1/whole/notes/1', { headers }), 'bearer-refused')
    equal(await codeOf('/v1/whole/notes/1', { headers: { host: 'evil.example' } }), 'host-not-allowed')
    equal(
      await codeOf('/v1/whole/notes/1', { headers: { origin: 'http://evil.example' } }),
      'origin-not-allowed',
    )
    for (const path of [
      '/v1/whole',
      '/v1/whole/',
      '/v1/whole/notes/1/',
      '/v1/whole/notes/%ff',
      '/v1/none/notes/1',
    ]) {
      equal(await codeOf(path), 'route-unknown', path)
    }
    const { headers: told } = await admin.ask('/v1/whole/notes/1', { method: 'PUT', body: '1' })
    equal(told.allow, 'GET, DELETE, HEAD')
    const fits = await admin.ask('/v1/whole/notes', { method: 'POST', body: 'x'.repeat(bodyBytesMax) })
    equal(fits.status, 201)
    equal(
      await codeOf('/v1/whole/notes', { method: 'POST', body: 'x'.repeat(bodyBytesMax + 1) }),
      'body-too-large',
    )
  })
})

test('every route of a protocol on the admin listener stands on its page', () => {
  for (const { name, operate = [] } of frontends) {
    const page = readFileSync(join(import.meta.dirname, '../../src/frontends', name, 'README.md'), 'utf8')
    for (const { path, methods } of operate) {
      for (const method of methods)
        ok(page.includes(`${method} /v1/${name}/${path}`), `${name}: ${method} ${path}`)
    }
  }
})
