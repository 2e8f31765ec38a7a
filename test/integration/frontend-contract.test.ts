// What a front-end declares beside its doors, by one that declares all that it can: defaults for its channels, routes on
// the admin listener, and questions to the owner of a key.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { frontends } from '../../src/app/worker.ts'
import { ketamaRing } from '../../src/engine/ring.ts'
import { AdminClient, type AdminRequest, adminSecret } from '../helpers/admin-client.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { until } from '../helpers/until.ts'

const main = new URL('../helpers/whole/main.ts', import.meta.url)

const bodyBytesMax = 1_024

const environment = {
  RINGCAST_ONLY: 'whole',
  RINGCAST_WHOLE_SUBSCRIBE: '*',
  RINGCAST_WHOLE_PUBLISH: '*',
  RINGCAST_WHOLE_KEPT: '[{"pattern":"kept.*"},{"pattern":"more.*","size":4}]',
  RINGCAST_NAMESPACES: '[{"pattern":"kept.all.*","historySize":100}]',
  RINGCAST_ADMIN_SECRET: adminSecret,
  RINGCAST_ADMIN_BODY_BYTES_MAX: String(bodyBytesMax),
}

describe('a front-end that declares all that it can', () => {
  let daemon: Daemon
  let admin: AdminClient

  before(async () => {
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
    deepEqual(
      [await kept('kept.a'), await kept('more.a'), await kept('kept.all.a'), await kept('other')],
      [3, 4, 5, 0],
    )
  })

  test('knows where the node listens, for all protocols and workers', async () => {
    const response = await fetch(`http://${daemon.address('whole')}/own`)
    const { answer } = (await response.json()) as { answer: string[] } // as the front-end says it
    const known = [
      daemon.address('admin'),
      daemon.address('whole'),
      daemon.address('whole', 'control'),
      ...daemon.shards('whole'),
    ]
    deepEqual(answer.toSorted(), known.toSorted())
    equal(known.length, 5)
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

describe('a question to the owner of a key', () => {
  const ownerOf = ketamaRing(['worker-0', 'worker-1', 'worker-2'])
  const keyOf = (slot: number) =>
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].find(key => ownerOf(key) === slot) ?? ''

  async function start(t: TestContext): Promise<Daemon> {
    const closed = { ...environment, RINGCAST_WHOLE_NEAR_LISTEN: 'off' }
    const daemon = await startDaemon({ main, workers: 3, environment: closed })
    t.after(() => daemon.process.kill('SIGKILL'))
    return daemon
  }

  async function ask(
    daemon: Daemon,
    path: string,
  ): Promise<{ readonly slot: number; readonly answer: unknown }> {
    const response = await fetch(`http://${daemon.address('whole')}/${path}`, {
      headers: { connection: 'close' },
    })
    return (await response.json()) as { slot: number; answer: unknown } // as the front-end says it
  }

  test('is answered by it alone, whichever worker asks', async t => {
    const daemon = await start(t)
    const asking = new Set<number>()
    for (let count = 0; count < 9; count++) {
      const key = keyOf(count % 3)
      const { slot, answer } = await ask(daemon, `ask/what/${key}`)
      equal(answer, `${key} at ${count % 3}`)
      asking.add(slot)
    }
    equal(asking.size, 3)
    equal(await daemon.stop(), 0)
  })

  test('is answered where the owner is late, or another worker is, for which a gathering does not wait', async t => {
    const daemon = await start(t)
    equal((await ask(daemon, `ask/late/${keyOf(0)}`)).answer, `${keyOf(0)} at 0`)
    const late = Array.from({ length: 3 }, () => ask(daemon, `ask/late/${keyOf(1)}`))
    for (const { answer } of await Promise.all(late)) equal(answer, `${keyOf(1)} at 1`)
    const { answer } = await ask(daemon, 'gather/late')
    ok(Array.isArray(answer) && answer.length < 3, JSON.stringify(answer))
    equal(await daemon.stop(), 0)
  })

  test('is answered with nothing, where the owner is lost', async t => {
    const daemon = await start(t)
    // The owner's own connections are closed with it: another worker has to be the one that asks.
    const answers = await Promise.allSettled(
      Array.from({ length: 3 }, () => ask(daemon, `ask/fail/${keyOf(2)}`)),
    )
    const told = answers.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    ok(
      told.length > 0 && told.every(({ slot, answer }) => slot !== 2 && answer === undefined),
      JSON.stringify(told),
    )
    await until('its successor', async () => (await ask(daemon, `ask/what/${keyOf(2)}`)).answer !== undefined)
    equal(await daemon.stop(), 0)
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
