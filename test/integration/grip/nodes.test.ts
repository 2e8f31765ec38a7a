// Two nodes over one Redis, each with its doors: a chain of items that is published on both comes to every hold of both once and in
// the order of its ids, whichever node an item came to, and however often; what has no id comes as often as it is published.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Publisher } from '@fanoutio/grip'
import type { ClusterNode } from '../../helpers/cluster/nodes.ts'
import { JoinedNodes } from '../../helpers/grip/joined-nodes.ts'
import type { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest, headerOf } from '../../helpers/raw-http.ts'
import { until } from '../../helpers/until.ts'

const joined = new JoinedNodes({ workers: 1 })

/**
 * Of a chain: an item follows the one with the number before its own. So does the first, for what follows nothing comes to
 * everybody, whatever he has.
 */
function item(channel: string, number: number): object {
  const formats = {
    'http-stream': { content: `${number},` },
    'http-response': { body: `${number}` },
  }
  return { channel, id: `${number}`, 'prev-id': `${number - 1}`, formats }
}

/** On both nodes: one that is told of everything, and one that says where it begins. */
async function streams(channel: string): Promise<RawClient[]> {
  const opening = [0, 1].flatMap(turn =>
    ['stream', 'stream-since'].map(path => joined.ask(turn, `/${path}/${channel}/0`)),
  )
  for (const client of opening) {
    equal((await client.head()).status, 200)
    equal(String(await client.chunk()), '[open]')
  }
  return opening
}

async function gets(client: RawClient, wanted: string): Promise<void> {
  let text = ''
  while (text.length < wanted.length) text += String(await client.chunk())
  equal(text, wanted)
}

const numbersTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1)
const textOf = (numbers: readonly number[]): string => numbers.map(number => `${number},`).join('')

/** What the only worker of a node counts. */
async function countAt({ daemon }: ClusterNode, part: string, name: string): Promise<number> {
  const [counts] = await daemon.statistics(1)
  return counts?.[part]?.[name] ?? Number.NaN
}

/** Of long polls alone: all streams of tests before have left. */
const heldAt = (node: ClusterNode): Promise<number> => countAt(node, 'grip', 'holds')

/** A client that polls on one node until it has so many, each behind the last; whether each came as an item or from the origin. */
async function poll(
  turn: number,
  channel: string,
  last: number,
): Promise<{ numbers: number[]; asItem: number }> {
  const client = joined.ask(turn, `/poll/${channel}/0`)
  const numbers: number[] = []
  let asItem = 0
  for (;;) {
    const { body, ...head } = await client.answer()
    equal(head.status, 200)
    const got = String(body).split(',').map(Number)
    numbers.push(...got)
    if (headerOf(head, 'x-from') !== 'history') asItem++
    const at = numbers.at(-1)
    if (at === last) return { numbers, asItem }
    client.send(encodeRequest({ method: 'GET', target: `/poll/${channel}/${at}` }))
  }
}

test('a chain that is published on both nodes in turn comes to every hold of both once and in order', async () => {
  const [channel, last] = ['chain', 30]
  const open = await streams(channel)
  const polls = [0, 1].map(turn => poll(turn, channel, last))
  for (const number of numbersTo(last)) {
    joined.origin.has(channel, number)
    await joined.publishAt(number, item(channel, number))
  }
  for (const client of open) await gets(client, textOf(numbersTo(last)))
  for (const { numbers } of await Promise.all(polls)) deepEqual(numbers, numbersTo(last))
  for (const client of open) client.leave()
})

test('long polls of both nodes are answered by what either publishes', async () => {
  const [channel, last] = ['polled', 6]
  const polls = [0, 1].map(turn => poll(turn, channel, last))
  for (const number of numbersTo(last)) {
    // By then nobody is held for the item before any more.
    await until('both to ask', () => joined.origin.askedFor(`/poll/${channel}/${number - 1}`) === 2)
    await until('both to be held', async () =>
      (await Promise.all(joined.nodes.map(heldAt))).every(held => held === 1),
    )
    await joined.publishAt(number, item(channel, number))
    // The next long poll of both is to find it.
    joined.origin.has(channel, number)
  }
  for (const { numbers, asItem } of await Promise.all(polls))
    deepEqual([numbers, asItem], [numbersTo(last), last])
})

test('a successor waits for its predecessor, whichever node that comes to', async () => {
  for (const turn of [0, 1]) {
    const channel = `held-${turn}`
    const open = await streams(channel)
    // Where a chain begins, anything may follow.
    await joined.publishAt(turn, item(channel, 1))
    for (const number of [4, 3]) await joined.publishAt(turn, item(channel, number))
    equal(await countAt(joined.at(turn), 'shard', 'heldDrafts'), 2)
    for (const client of open) await gets(client, '1,')
    await joined.publishAt(turn + 1, item(channel, 2))
    // The last one shows that nothing comes behind.
    await joined.publishAt(turn + 1, item(channel, 5))
    for (const client of open) await gets(client, textOf([2, 3, 4, 5]))
    equal(await countAt(joined.at(turn), 'shard', 'heldDrafts'), 0)
    for (const client of open) client.leave()
  }
})

test('an id that is published on both nodes is delivered once', async () => {
  const channel = 'twice'
  const open = await streams(channel)
  for (const number of numbersTo(3)) {
    const one = item(channel, number)
    // At once, one after the other, and what waits on both.
    if (number === 1) await Promise.all([joined.publishAt(0, one), joined.publishAt(1, one)])
    else for (const turn of [0, 1]) await joined.publishAt(turn, one)
  }
  for (const number of [5, 4]) {
    await Promise.all([0, 1].map(turn => joined.publishAt(turn, item(channel, number))))
  }
  await joined.publishAt(1, item(channel, 6))
  for (const client of open) await gets(client, textOf(numbersTo(6)))
  for (const client of open) client.leave()
})

test('a library that publishes to both nodes is heard once with ids, and twice without', async () => {
  const channel = 'library'
  const publisher = new Publisher([0, 1].map(turn => ({ control_uri: `http://${joined.controlAt(turn)}` })))
  const open = await streams(channel)
  for (const number of numbersTo(5)) {
    await publisher.publishHttpStream(channel, `${number},`, `${number}`, `${number - 1}`)
  }
  await publisher.publishHttpStream(channel, 'none,')
  for (const client of open) await gets(client, `${textOf(numbersTo(5))}none,none,`)
  for (const client of open) client.leave()
})
