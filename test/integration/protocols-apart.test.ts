// Allow-lists and namespaces keep protocols apart: for each pair, a channel that one may only publish to and the other
// only read. Nobody else gets in, by whatever way a protocol has.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import { type Ground, protocols, startGround } from '../helpers/protocols/ground.ts'
import { opened, type Protocol, type Reader, statusOf } from '../helpers/protocols/protocol.ts'

const first = protocols[0]?.name ?? ''

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
  { pattern: 'ns.own', publish: [first], subscribe: [first] },
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
        const position = to.hasPositions ? reader.position() : ''
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

test('the API is kept out by namespaces alone', async () => {
  deepEqual(
    await statusesOf('ns.closed.a'),
    protocols.map(() => [403, 403]),
  )
  equal((await admin.publish({ channel: 'ns.closed.a', text: 'x' })).status, 200)
  equal((await admin.publish({ channel: 'ns.own', text: 'x' })).status, 403)
  equal((await admin.publish({ channel: `from-${first}.to-${first}`, text: 'x' })).status, 200)
})
