// Allow-lists and namespaces keep these protocols apart, by whatever way each has of its own: another spelling of a path, a
// message of a reader, a list of channels, a ticket, a pattern.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { protocol as pinghub, readSocket } from '../conformance/pinghub/protocol.ts'
import { protocol as pushy, readEvents } from '../conformance/pushy/protocol.ts'
import { tokenFor } from '../conformance/pushy/vocabulary.ts'
import { protocol as rpushd } from '../conformance/rpushd/protocol.ts'
import { type Ground, startGround } from '../helpers/protocols/ground.ts'
import {
  isReader,
  opened,
  type Protocol,
  post,
  type Reader,
  statusOf,
} from '../helpers/protocols/protocol.ts'

const lists = Object.fromEntries(
  [pinghub, pushy, rpushd].flatMap(({ name }) => [
    [`RINGCAST_${name.toUpperCase()}_PUBLISH`, `from-${name}.*,open.*`],
    [`RINGCAST_${name.toUpperCase()}_SUBSCRIBE`, `*.to-${name},open.*`],
  ]),
)

const namespaces = [{ pattern: 'open.secret', publish: ['rpushd'], subscribe: ['rpushd'] }]

let ground: Ground
const readers: Reader[] = []

before(async () => {
  ground = await startGround({ ...lists, RINGCAST_NAMESPACES: JSON.stringify(namespaces) })
})

after(async () => {
  for (const reader of readers) reader.leave()
  equal(await ground.stop(), 0)
})

function publish(protocol: Protocol, channel: string, content: string) {
  return protocol.publish(ground.at(protocol, channel, 1), channel, content)
}

function read(protocol: Protocol, channel: string) {
  return protocol.read(ground.at(protocol, channel, 2), channel)
}

describe('Pinghub, which asks for no credentials', () => {
  test('does not hear what a reader says on a channel that it may only read', async () => {
    const channel = 'from-rpushd.to-pinghub'
    const socket = await readSocket(ground.at(pinghub, channel, 2), channel)
    ok(isReader(socket))
    readers.push(socket)
    for (const content of ['{"said":1}', Buffer.from('{"said":2}')]) socket.say(content)
    await socket.settled()
    equal((await publish(rpushd, channel, '{"n":3}')).status, 204)
    deepEqual(await socket.next(1), ['{"n":3}'])
  })

  test('reaches no other channel by another spelling of its path', async () => {
    const secret = 'from-rpushd.to-pushy'
    const reader = await opened(read(pushy, secret))
    readers.push(reader)
    const address = ground.daemon.address('pinghub')
    const spellings = ['/%66rom-rpushd%2Eto-pushy', `//${secret}`, `/./${secret}`, `/open.x/../${secret}`]
    for (const path of [...spellings, `/open.x/%2e%2e/${secret}`, `/open.x/%2F..%2F..%2F${secret}`]) {
      const { status } = await post(address, path, {}, '{"n":4}')
      ok(status === 403 || status === 301, `${path}: ${status}`)
    }
    for (const channel of [secret, `./${secret}`, `open.x/../${secret}`]) {
      const status = await statusOf(pinghub.read(address, channel))
      ok(status === 403 || status === 301, `${channel}: ${status}`)
    }
    equal((await publish(rpushd, secret, '{"n":5}')).status, 204)
    deepEqual(await reader.next(1), ['{"n":5}'])
  })
})

test('pushy opens a channel outside of its lists by none of its routes, whatever the token says', async () => {
  const channel = 'from-rpushd.to-pinghub'
  const address = ground.daemon.address('pushy')
  const headers = { authorization: `Bearer ${tokenFor('*')}`, 'content-type': 'application/json' }
  equal((await post(address, `/publish/${channel}`, headers, '{"data":{}}')).status, 403)
  for (const channels of [channel, [channel], ['open.x', channel]]) {
    equal((await post(address, '/sse', headers, JSON.stringify({ channels }))).status, 403)
  }
  const { body } = await post(address, `/channels/${channel}/ticket`, headers, '')
  const { ticket } = JSON.parse(body)
  equal(await statusOf(readEvents(address, channel, {}, `?ticket=${ticket}`)), 403)
})

describe('a pattern of pushy', () => {
  test('that is wider than its list is refused', async () => {
    for (const pattern of ['*', 'from-rpushd.*', 'from-pushy.*']) {
      equal(await statusOf(readEvents(ground.daemon.address('pushy'), pattern)), 403, pattern)
    }
  })

  test('brings nothing of a namespace that is closed to pushy', async () => {
    const reader = await opened(readEvents(ground.daemon.address('pushy'), 'open.*'))
    readers.push(reader)
    equal((await publish(rpushd, 'open.secret', '{"n":6}')).status, 204)
    // Each owner's own order: what comes behind the secret shows that it was left out.
    for (const channel of ['open.a', 'open.b', 'open.c', 'open.d', 'open.e', 'open.f']) {
      equal((await publish(rpushd, channel, '{"n":7}')).status, 204)
    }
    deepEqual(
      (await reader.next(6)).map(text => JSON.parse(text)),
      Array.from({ length: 6 }, () => ({ n: 7 })),
    )
  })
})
