// Two nodes over one Redis whose GRIP publishes are each node's own, for publishers that tell every node everything: each client
// gets each item once, whatever it has for an id, by HTTP and by ZeroMQ; and other protocols share their channels as ever.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Publisher } from '@fanoutio/grip'
import { Push, XPublisher } from 'zeromq'
import { JoinedNodes } from '../../helpers/grip/joined-nodes.ts'
import type { RawClient } from '../../helpers/raw-client.ts'

const joined = new JoinedNodes({
  workers: 2,
  environment: {
    RINGCAST_GRIP_PUBLISHES: 'node',
    RINGCAST_GRIP_ZMQ_PULL: 'tcp://127.0.0.1:0',
    RINGCAST_GRIP_ZMQ_SUB: 'tcp://127.0.0.1:0',
  },
})

function item(channel: string, number: number): object {
  const formats = { 'http-stream': { content: `${number},` } }
  return { channel, id: `${number}`, 'prev-id': `${number - 1}`, formats }
}

/** One on each node. */
async function streams(channel: string): Promise<readonly [RawClient, RawClient]> {
  const opened = [0, 1].map(async turn => {
    const client = joined.ask(turn, `/stream/${channel}/0`)
    equal((await client.head()).status, 200)
    equal(String(await client.chunk()), '[open]')
    return client
  })
  const [one, other] = await Promise.all(opened)
  ok(one && other)
  return [one, other]
}

/** As the log of the node says it. */
function addressOf(turn: number, door: string): string {
  const line = joined.at(turn).daemon.log.find(each => each['door'] === door)
  return String(line?.['address']).replace('tcp://', '')
}

/** Until the other end asks for the channel. */
async function wants(pub: XPublisher, channel: string): Promise<void> {
  for (;;) {
    const [told] = await pub.receive()
    if (String(told) === `\u0001${channel}`) return
  }
}

/** In any order, and nothing else. */
async function has(client: RawClient, wanted: readonly string[]): Promise<void> {
  let text = ''
  while (text.length < wanted.join('').length) text += String(await client.chunk())
  deepEqual(text.split(/(?<=,)/).sort(), [...wanted].sort())
}

async function gets(client: RawClient, wanted: string): Promise<void> {
  let text = ''
  while (text.length < wanted.length) text += String(await client.chunk())
  equal(text, wanted)
}

test('a library that publishes to both nodes is heard once by each client, with ids and without', async () => {
  const channel = 'library'
  const publisher = new Publisher([0, 1].map(turn => ({ control_uri: `http://${joined.controlAt(turn)}` })))
  const open = await streams(channel)
  for (const number of [1, 2, 3]) {
    await publisher.publishHttpStream(channel, `${number},`, `${number}`, `${number - 1}`)
    await publisher.publishHttpStream(channel, 'none,')
  }
  // The last one shows that nothing comes behind.
  await publisher.publishHttpStream(channel, 'end')
  for (const client of open) await gets(client, '1,none,2,none,3,none,end')
})

test('an item comes to the clients of the node that it was published at, and no others', async () => {
  const channel = 'apart'
  const [one, other] = await streams(channel)
  for (const number of [1, 2]) await joined.publishAt(0, item(channel, number))
  for (const turn of [0, 1])
    await joined.publishAt(turn, { channel, formats: { 'http-stream': { content: 'end' } } })
  await gets(one, '1,2,end')
  await gets(other, 'end')
})

test('what an item follows is judged by what its own node was told', async () => {
  const channel = 'chain'
  const [one, other] = await streams(channel)
  // Where a chain begins, anything may follow.
  for (const turn of [0, 1]) await joined.publishAt(turn, item(channel, 1))
  await joined.publishAt(0, item(channel, 3))
  await joined.publishAt(1, item(channel, 2))
  await joined.publishAt(1, item(channel, 3))
  await gets(other, '1,2,3,')
  // What came to the other node did not let it go on.
  await joined.publishAt(0, { channel, formats: { 'http-stream': { content: 'held,' } } })
  await gets(one, '1,held,')
  await joined.publishAt(0, item(channel, 2))
  await gets(one, '2,3,')
})

test('other protocols share the channel of the name, which is another one', async () => {
  const channel = 'shared'
  const open = await streams(channel)
  const events = await joined.at(1).admin.follow(channel)
  equal((await events.next()).name, 'open')
  await joined.publishAt(1, item(channel, 1))
  equal((await joined.at(0).admin.publish({ channel, text: 'of others' })).status, 200)
  equal(JSON.parse((await events.next()).data).text, 'of others')
  for (const turn of [0, 1])
    await joined.publishAt(turn, { channel, formats: { 'http-stream': { content: 'end' } } })
  await gets(open[0], 'end')
  await gets(open[1], '1,end')
})

test('what comes by ZeroMQ stays with its node, too, whose publishers are told what its clients wait for', async t => {
  const channel = 'zeromq'
  const open = await streams(channel)
  const content = (text: string) =>
    `J${JSON.stringify({ channel, formats: { 'http-stream': { content: text } } })}`
  for (const turn of [0, 1]) {
    const push = new Push({ linger: 0 })
    t.after(() => push.close())
    push.connect(`tcp://${addressOf(turn, 'zmqPull')}`)
    await push.send(content(`pushed ${turn},`))
    const pub = new XPublisher({ linger: 0 })
    t.after(() => pub.close())
    pub.connect(`tcp://${addressOf(turn, 'zmqSub')}`)
    await wants(pub, channel)
    await pub.send([channel, content(`of ${turn},`)])
  }
  for (const turn of [0, 1]) {
    const [client] = [open[turn]]
    ok(client)
    await has(client, [`pushed ${turn},`, `of ${turn},`])
  }
})
