// Two nodes, two workers each, one Redis: whatever is published on one by any protocol comes to the subscribers of both by every
// other, in one order and at the same places; and who leaves one goes on at the other.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ClusterNode, startNodes } from '../../helpers/cluster/nodes.ts'
import { protocols } from '../../helpers/protocols/ground.ts'
import { advance, opened, type Protocol, type Reader } from '../../helpers/protocols/protocol.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const counting = protocols.filter(({ hasPositions }) => hasPositions)

let nodes: readonly ClusterNode[] = []
const readers: Reader[] = []
const endings: (() => unknown)[] = []

before(async () => {
  const ending = { after: (end: () => unknown) => void endings.push(end) }
  const redis = await startRedis(ending)
  nodes = await startNodes(ending, {
    url: `redis://127.0.0.1:${redis.port}`,
    environment: { RINGCAST_HISTORY_SIZE: '20', RINGCAST_DRAIN_SPREAD_MS: '0' },
  })
})

after(async () => {
  for (const reader of readers) reader.leave()
  for (const { admin } of nodes) admin.leave()
  // Redis last.
  for (const end of endings.reverse()) await end()
})

function nodeOf(turn: number): ClusterNode {
  const node = nodes[turn % nodes.length]
  ok(node)
  return node
}

async function read(protocol: Protocol, turn: number, channel: string, since = ''): Promise<Reader> {
  const reader = await opened(protocol.read(nodeOf(turn).daemon.address(protocol.name), channel, since))
  readers.push(reader)
  return reader
}

/** One after the other, by each protocol at each node in turn. */
async function publish(channel: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    const protocol = protocols[number % protocols.length]
    ok(protocol)
    const { name, publishesAt } = protocol
    // Each protocol has both nodes, whether there is an odd number of protocols or an even one.
    const { daemon } = nodeOf(number + Math.floor(number / protocols.length))
    const { status, body } = await protocol.publish(
      daemon.address(name, publishesAt),
      channel,
      `{"n":${number}}`,
    )
    ok(status >= 200 && status < 300, `${name}: ${status} ${body}`)
  }
}

async function numbersOf(reader: Reader, count: number): Promise<number[]> {
  return (await reader.next(count)).map(text => JSON.parse(text).n)
}

const all = Array.from({ length: protocols.length * 2 }, (_, index) => index)

test('what any protocol publishes on either node comes to every protocol on both, at the same places', async () => {
  const channel = 'every'
  const opening = protocols.flatMap(protocol => [0, 1].map(turn => read(protocol, turn, channel)))
  const open = await Promise.all(opening)
  await publish(channel, all)
  for (const reader of open) deepEqual(await numbersOf(reader, all.length), all)
  const positions = open.flatMap((reader, index) => (hasPositions(index) ? [reader.position()] : []))
  deepEqual(new Set(positions).size, 1, positions.join(' '))
  ok(open.every(({ gap }) => !gap))
})

/** Of the readers above: two of each protocol. */
function hasPositions(index: number): boolean {
  return protocols[Math.floor(index / 2)]?.hasPositions === true
}

test('what both nodes publish at the same time has one order', async () => {
  const channel = 'at-once'
  const open = await Promise.all(
    counting.flatMap(protocol => [0, 1].map(turn => read(protocol, turn, channel))),
  )
  const sent = [0, 1].map(async turn => {
    for (let number = 0; number < 50; number++) {
      const { status } = await nodeOf(turn).admin.publish({ channel, data: { n: turn * 1_000 + number } })
      equal(status, 200)
    }
  })
  const orders = await Promise.all(open.map(reader => numbersOf(reader, 100)))
  await Promise.all(sent)
  const [first = [], ...others] = orders
  for (const turn of [0, 1]) {
    const own = first.filter(number => Math.floor(number / 1_000) === turn)
    deepEqual(
      own,
      own.toSorted((one, other) => one - other),
    )
  }
  for (const other of others) deepEqual(other, first)
})

for (const from of counting) {
  describe(`a client that leaves ${from.name} on the one node`, () => {
    for (const to of counting) {
      test(`goes on in ${to.name} on the other`, async () => {
        const channel = `${from.name}-${to.name}`
        const first = await read(from, 0, channel)
        await publish(channel, [1, 2])
        deepEqual(await numbersOf(first, 2), [1, 2])
        const position = first.position()
        first.leave()
        await publish(channel, [3, 4, 5])
        const second = await read(to, 1, channel, position)
        deepEqual([second.gap, second.position()], [false, position])
        deepEqual(await numbersOf(second, 3), [3, 4, 5])
        await publish(channel, [6])
        deepEqual(await numbersOf(second, 1), [6])
        equal(second.position(), advance(position, 4))
      })
    }

    test('is told the gap on the other where history is too short', async () => {
      const channel = `${from.name}-gap`
      const first = await read(from, 0, channel)
      const position = first.position()
      first.leave()
      const missed = Array.from({ length: 25 }, (_, index) => index)
      await publish(channel, missed)
      const second = await read(from, 1, channel, position)
      deepEqual([second.gap, second.position()], [true, advance(position, 5)])
      deepEqual(await numbersOf(second, 20), missed.slice(5))
    })
  })
}

test('a client that comes from a node which is ahead is told no gap', async () => {
  const channel = 'hop'
  const [protocol] = counting
  ok(protocol)
  let reader = await read(protocol, 0, channel)
  const got: number[] = []
  const numbers = Array.from({ length: 60 }, (_, index) => index)
  const publishing = publish(channel, numbers)
  for (let hops = 1; got.length < numbers.length; hops++) {
    got.push(...(await numbersOf(reader, 1 + (hops % Math.min(3, numbers.length - got.length)))))
    const position = reader.position()
    reader.leave()
    const next = counting[hops % counting.length]
    ok(next)
    reader = await read(next, hops, channel, position)
    equal(reader.gap, false, `${next.name} after ${position}`)
  }
  await publishing
  deepEqual(got, numbers)
})

test('a repeated key is one publication, on whichever node it is repeated', async () => {
  const publication = { channel: 'keys', data: { n: 1 }, idempotency_key: 'k1' }
  const first = (await nodeOf(0).admin.publish(publication)).json()
  const second = (await nodeOf(1).admin.publish(publication)).json()
  deepEqual([first.duplicate, second.duplicate, second.position], [false, true, first.position])
  const both = [0, 1].map(async turn => {
    return (await nodeOf(turn).admin.publish({ ...publication, idempotency_key: 'k2' })).json()
  })
  const answers = await Promise.all(both)
  deepEqual(answers.map(({ duplicate }) => duplicate).toSorted(), [false, true])
  equal(answers[0].position, answers[1].position)
})

test('subscribers of both nodes are counted on each, and whoever leaves is not', async () => {
  const channel = 'present'
  const [protocol] = counting
  ok(protocol)
  const open = await Promise.all([0, 1, 1].map(turn => read(protocol, turn, channel)))
  const counted = async (count: number) => {
    const path = `/v1/channels/${channel}/presence`
    await until(`${count} subscribers on each node`, async () => {
      const answers = await Promise.all(nodes.map(({ admin }) => admin.ask(path)))
      return answers.every(answer => answer.status === 200 && answer.json().subscribers === count)
    })
    await until(`an answer to a publisher that counts ${count}`, async () => {
      const answers = await Promise.all(nodes.map(({ admin }) => admin.publish({ channel, data: 0 })))
      return answers.every(answer => answer.json().subscribers === count)
    })
  }
  await counted(3)
  open[1]?.leave()
  await counted(2)
})
