// Allow-lists and namespaces keep protocols apart: for each pair, a channel that one may only publish to and the other
// only read. Nobody else gets in, by whatever way a protocol has.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readSocket } from '../conformance/pinghub/protocol.ts'
import { readEvents } from '../conformance/pushy/protocol.ts'
import { tokenFor } from '../conformance/pushy/vocabulary.ts'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import { type Ground, protocols, startGround } from '../helpers/protocols/ground.ts'
import {
  isReader,
  opened,
  type Protocol,
  post,
  type Reader,
  statusOf,
} from '../helpers/protocols/protocol.ts'

const [rpushd, pinghub, pushy] = protocols as readonly [Protocol, Protocol, Protocol] // there are three

/** By lists the pair is in the name; by namespaces each pair has one, for every protocol's list lets `ns.*` pass. */
const lists = Object.fromEntries(
  protocols.flatMap(({ name }) => [
    [`RINGCAST_${name.toUpperCase()}_PUBLISH`, `from-${name}.*,ns.*,open.*`],
    [`RINGCAST_${name.toUpperCase()}_SUBSCRIBE`, `*.to-${name},ns.*,open.*`],
  ]),
)

const pairs = protocols.flatMap(from => protocols.map(to => [from, to] as const))

const namespaces = [
  ...pairs.map(([from, to]) => ({
    pattern: `ns.${from.name}.${to.name}`,
    publish: [from.name],
    subscribe: [to.name],
  })),
  { pattern: 'ns.closed.*', publish: ['admin'], subscribe: ['admin'] },
  { pattern: 'open.secret', publish: ['rpushd'], subscribe: ['rpushd'] },
]

let ground: Ground
let admin: AdminClient
const readers: Reader[] = []

before(async () => {
  ground = await startGround({
    ...lists,
    RINGCAST_NAMESPACES: JSON.stringify(namespaces),
    RINGCAST_HISTORY_SIZE: '10',
    RINGCAST_ADMIN_SECRET: adminSecret,
  })
  admin = new AdminClient(ground.daemon.address('admin'))
})

after(async () => {
  for (const reader of readers) reader.leave()
  equal(await ground.stop(), 0)
})

function publish(protocol: Protocol, channel: string, content = '{"n":1}') {
  return protocol.publish(ground.at(protocol, channel, 1), channel, content)
}

function read(protocol: Protocol, channel: string, since = '') {
  return protocol.read(ground.at(protocol, channel, 2), channel, since)
}

/** The status of a publish and of a subscribe, for each protocol in order; a success counts as 200. */
async function statusesOf(channel: string): Promise<number[][]> {
  const all: number[][] = []
  for (const protocol of protocols) {
    const { status } = await publish(protocol, channel, '{"foreign":true}')
    all.push([status === 204 ? 200 : status, await statusOf(read(protocol, channel))])
  }
  return all
}

for (const [from, to] of pairs) {
  describe(`from ${from.name} to ${to.name}`, () => {
    for (const [by, channel] of [
      ['lists', `from-${from.name}.to-${to.name}`],
      ['namespaces', `ns.${from.name}.${to.name}`],
    ] as const) {
      test(`by ${by} nobody else publishes or reads`, async () => {
        const reader = await opened(read(to, channel))
        readers.push(reader)
        const position = reader.position()
        deepEqual(
          await statusesOf(channel),
          protocols.map(own => [own === from ? 200 : 403, own === to ? 200 : 403]),
        )
        ok((await publish(from, channel, '{"n":2}')).status < 300)
        const got = await reader.next(2)
        deepEqual(
          got.map(text => [JSON.parse(text).foreign, JSON.parse(text).n]),
          [
            [true, undefined],
            [undefined, 2],
          ],
        )
        for (const other of protocols.filter(own => own !== to)) {
          equal(await statusOf(read(other, channel, position)), 403, `${other.name} resumes`)
        }
      })
    }
  })
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

test('the API is kept out by namespaces alone', async () => {
  deepEqual(await statusesOf('ns.closed.a'), [
    [403, 403],
    [403, 403],
    [403, 403],
  ])
  equal((await admin.publish({ channel: 'ns.closed.a', text: 'x' })).status, 200)
  equal((await admin.publish({ channel: 'open.secret', text: 'x' })).status, 403)
  equal((await admin.publish({ channel: 'from-rpushd.to-pushy', text: 'x' })).status, 200)
})
