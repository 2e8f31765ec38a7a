// Resume across protocols: a client leaves one and goes on in another from the position that it had, on another worker,
// and nothing is lost or repeated. A position means the same everywhere.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import { protocols as everyProtocol, type Ground, startGround } from '../helpers/protocols/ground.ts'
import { advance, omitted, opened, type Protocol, type Reader } from '../helpers/protocols/protocol.ts'

/** Whoever tells no position cannot go on. */
const protocols = everyProtocol.filter(({ hasPositions }) => hasPositions)

let ground: Ground
let admin: AdminClient
const readers: Reader[] = []

before(async () => {
  ground = await startGround({
    RINGCAST_HISTORY_SIZE: '20',
    // Whoever changes all the time may fall behind publishers by more than the gaps of the other tests want kept.
    RINGCAST_NAMESPACES: JSON.stringify([{ pattern: 'hop', historySize: 200 }]),
    RINGCAST_ADMIN_SECRET: adminSecret,
  })
  admin = new AdminClient(ground.daemon.address('admin'))
})

after(async () => {
  for (const reader of readers) reader.leave()
  equal(await ground.stop(), 0)
})

async function read(protocol: Protocol, channel: string, since = '', steps = 2): Promise<Reader> {
  const reader = await opened(protocol.read(ground.at(protocol, channel, steps), channel, since))
  readers.push(reader)
  return reader
}

/** One after the other, each by the next protocol. */
async function publish(channel: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    const protocol = protocols[number % protocols.length] ?? protocols[0]
    ok(protocol)
    const { status, body } = await protocol.publish(
      ground.at(protocol, channel, number % 3),
      channel,
      `{"n":${number}}`,
    )
    ok(status === 200 || status === 204, `${protocol.name}: ${status} ${body}`)
  }
}

/** The numbers of the next publications. */
async function numbers(reader: Reader, count: number): Promise<number[]> {
  return (await reader.next(count)).map(text => JSON.parse(text).n)
}

for (const from of protocols) {
  describe(`a client that leaves ${from.name}`, () => {
    for (const to of protocols) {
      test(`goes on in ${to.name}`, async () => {
        const channel = `${from.name}-${to.name}`
        const first = await read(from, channel)
        await publish(channel, [1, 2])
        deepEqual(await numbers(first, 2), [1, 2])
        const position = first.position()
        first.leave()
        await publish(channel, [3, 4, 5])
        const second = await read(to, channel, position, 1)
        deepEqual([second.gap, second.position()], [false, position])
        deepEqual(await numbers(second, 3), [3, 4, 5])
        await publish(channel, [6])
        deepEqual(await numbers(second, 1), [6])
        equal(second.position(), advance(position, 4))
      })

      test(`is told the gap in ${to.name} where history is too short`, async () => {
        const channel = `${from.name}-${to.name}-gap`
        const first = await read(from, channel)
        const position = first.position()
        first.leave()
        const missed = Array.from({ length: 21 }, (_, index) => index)
        await publish(channel, missed)
        const second = await read(to, channel, position)
        const kept = missed.slice(-20)
        deepEqual([second.gap, second.position()], [true, advance(position, 21 - kept.length)])
        await publish(channel, [21])
        deepEqual(await numbers(second, kept.length + 1), [...kept, 21])
        equal(second.position(), advance(position, 22))
      })
    }
  })
}

test('a client that changes protocol and worker all the time gets each publication once', async () => {
  const count = 120
  const channel = 'hop'
  let reader = await read(protocols[0] as Protocol, channel) // there are some
  let hops = 0
  const all = Array.from({ length: count }, (_, index) => index)
  const publishing = publish(channel, all)
  const got: number[] = []
  while (got.length < count) {
    got.push(...(await numbers(reader, Math.min(count - got.length, 1 + (hops % 4)))))
    const position = reader.position()
    reader.leave()
    hops++
    const protocol = protocols[hops % protocols.length]
    ok(protocol)
    reader = await read(protocol, channel, position, hops % 3)
    equal(reader.gap, false)
  }
  await publishing
  deepEqual(got, all)
  ok(hops > 30, `${hops} hops`)
})

test('a publication counts in every protocol, also where it does not fit and where it is empty', async () => {
  const channel = 'counted'
  const opened = await Promise.all(protocols.map(protocol => read(protocol, channel)))
  for (const text of ['', 'x'.repeat(100_000), 'x']) {
    equal((await admin.publish({ channel, text })).status, 200)
  }
  const rendered = await Promise.all(opened.map(reader => reader.next(3)))
  for (const [index, { name, rendersBytesMax }] of protocols.entries()) {
    const [, large = ''] = rendered[index] ?? []
    equal(large === omitted, rendersBytesMax !== undefined, name)
  }
  const [position = '', ...others] = [...new Set(opened.map(reader => reader.position()))]
  deepEqual(others, [])
  await publish(channel, [1])
  for (const to of protocols) {
    const second = await read(to, channel, position)
    deepEqual(await numbers(second, 1), [1])
    equal(second.position(), advance(position, 1))
  }
})
