// Bodies that do not end, at both doors: what a worker holds of them is bounded, the oldest is refused in plain words, and
// one that is merely slow reaches its origin.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { startGrip } from '../../helpers/grip-stage.ts'
import { type Place, RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'

const bodiesBytesMax = 1_048_576
const crowdedOut = [408, 'too many bodies at once, and this one is the oldest\n']

test('bodies that do not end are refused when they are too many, the oldest first', async t => {
  const origin = await RawOrigin.open()
  t.after(() => origin.close())
  const stage = await startGrip(t, {
    routes: `* ${origin.address}`,
    workers: 1,
    environment: { RINGCAST_NET_BODIES_BYTES_MAX: String(bodiesBytesMax) },
  })
  const traffic = async (name: string) => Number((await stage.daemon.statistics())[0]?.['traffic']?.[name])
  const doors = [
    { address: stage.control, target: '/publish/', length: 100_000, count: 14 },
    { address: stage.client, target: '/plain', length: 16_000, count: 80 },
  ]
  for (const { address, target, length, count } of doors) {
    const before = await traffic('bodiesCrowdedOut')
    const clients = Array.from({ length: count }, () => {
      const client = new RawClient(address)
      t.after(() => client.leave())
      const body = Buffer.alloc(length - 1, ' ')
      return client.send(encodeRequest({ method: 'POST', target, length, body }))
    })
    const [oldest] = clients
    const { status, body } = (await oldest?.answer('POST')) ?? {}
    deepEqual([status, String(body)], crowdedOut, target)
    await until('all to have come', async () => {
      const held = await traffic('bodiesBytes')
      return bodiesBytesMax / 2 < held && held <= bodiesBytesMax
    })
    const refused = (await traffic('bodiesCrowdedOut')) - before
    equal(0 < refused && refused < count / 2, true, `${refused} of ${count}`)
    for (const client of clients) client.leave()
    await until('nothing to be held', async () => (await traffic('bodiesBytes')) === 0)
  }
  await stage.publish({ channel: 'c', formats: { 'http-stream': { content: 'x' } } })
  equal(await stage.daemon.stop(), 0)
  deepEqual(stage.daemon.errors, [])
})

for (const isTls of [false, true]) {
  const over = isTls ? ' over TLS' : ''
  test(`a body that is slow${over} is passed on as it comes, and one of a publisher is refused`, async t => {
    const origin = await RawOrigin.open()
    t.after(() => origin.close())
    const environment = { RINGCAST_NET_BODY_MS_MAX: '300' }
    const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1, environment, isTls })
    const begin = (place: Place, target: string) => {
      const client = new RawClient(place)
      t.after(() => client.leave())
      return client.send(encodeRequest({ method: 'POST', target, length: 10, body: Buffer.from('12345') }))
    }
    const [slow, publisher] = [begin(stage.place, '/plain'), begin(stage.control, '/publish/')]
    const { status, body } = await publisher.answer('POST')
    deepEqual([status, String(body)], [408, 'the body took too long\n'])
    await until('the origin to be asked', async () => (await stage.count('originCalls')) === 1)
    slow.send('67890')
    equal((await slow.answer('POST')).status, 200)
    equal(String(origin.received('/plain')[0]?.body), '1234567890')
    equal(await stage.daemon.stop(), 0)
    deepEqual(stage.daemon.errors, [])
  })
}
